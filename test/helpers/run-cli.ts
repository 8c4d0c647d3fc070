import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** How a command line ended. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly child: ChildProcess;
  readonly end: Promise<CliEnd>;
}

/** Starts a script of this project (the command itself by default) with this Node. */
export function startCli(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly script?: string } = {},
): CliRun {
  const child = spawn(process.execPath, [resolve(root, options.script ?? "electron/cli.ts"), ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const end = new Promise<CliEnd>((settle) =>
    child.on("close", (code, signal) => settle({ code, signal, stdout, stderr })),
  );
  return { child, end };
}

/** Runs a command line to its end. */
export function runCli(args: readonly string[], options: Parameters<typeof startCli>[1] = {}): Promise<CliEnd> {
  return startCli(args, options).end;
}

/** Resolves when a process has written the text on stderr. */
export function saw(child: ChildProcess, text: string): Promise<void> {
  return new Promise((settle) => {
    let seen = "";
    child.stderr?.on("data", (chunk) => {
      seen += String(chunk);
      if (seen.includes(text)) settle();
    });
  });
}
