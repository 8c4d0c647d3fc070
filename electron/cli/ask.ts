import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { visibleText } from "../../shared/text/visible-text.ts";
import { canAsk } from "./can-ask.ts";

/**
 * Asks on the terminal and gives the line typed, without its end; null where stdin or stderr is no terminal, or where the
 * person ended the input. The question goes to stderr: stdout belongs to the result. A secret is not shown as it is typed.
 */
export async function askOnTerminal(question: string, options: { readonly secret: boolean }): Promise<string | null> {
  if (!canAsk()) return null;
  const prompt = `${visibleText(question)} `;
  // readline echoes what is typed to its output; for a secret that output swallows everything.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: options.secret ? silent : process.stderr,
    terminal: true,
    historySize: 0,
  });
  const ended = new Promise<null>((resolve) => lines.once("close", () => resolve(null)));
  // Raw mode hands Ctrl-C to readline instead of the process; pass it on as the signal it stands for.
  lines.once("SIGINT", () => {
    lines.close();
    process.kill(process.pid, "SIGINT");
  });
  if (options.secret) process.stderr.write(prompt);
  try {
    // The prompt is readline's where it echoes: it redraws the line from the first column on.
    return await Promise.race([lines.question(options.secret ? "" : prompt), ended]);
  } finally {
    lines.close();
    if (options.secret) process.stderr.write("\n");
  }
}
