import { Readable } from "node:stream";
import { readPieces } from "./read-pieces.ts";
import { runTool, type ToolExit, type ToolRequest } from "./run-tool.ts";

type FedRequest = Omit<ToolRequest, "stdin" | "stdout">;

/**
 * Runs a tool whose stdin is fed with pieces as they come, in constant memory. Where they cannot be had to their end the
 * tool is ended; a tool that has read enough before is none the worse.
 * @throws what the pieces throw
 */
export function runFedTool(
  request: FedRequest & { readonly stdout: Exclude<ToolRequest["stdout"], "stream"> },
  pieces: AsyncIterable<Uint8Array>,
): Promise<ToolExit> {
  return feed(request, pieces, (stdin, giveUp) => runTool({ ...request, stdin, signal: giveUp.signal }).exit);
}

/**
 * The same of a tool whose output is taken as it comes: a filter. Where its reader fails the tool is ended.
 * @param take reads all of the output; what it has is worth nothing before the exit says so
 * @throws what the pieces and `take` throw
 */
export function runFilter(
  request: FedRequest,
  pieces: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<ToolExit> {
  return feed(request, pieces, async (stdin, giveUp, failures) => {
    const run = runTool({ ...request, stdin, stdout: "stream", signal: giveUp.signal });
    try {
      for await (const bytes of readPieces(run.stdout)) {
        await take(bytes).catch((error: unknown) => {
          failures.push(error);
          giveUp.abort();
        });
      }
    } catch {
      // A tool that was ended closes its output early; its exit tells why.
    }
    return run.exit;
  });
}

async function feed(
  request: FedRequest,
  pieces: AsyncIterable<Uint8Array>,
  run: (stdin: Readable, giveUp: Aborting, failures: unknown[]) => Promise<ToolExit>,
): Promise<ToolExit> {
  const own = new AbortController();
  const failures: unknown[] = [];
  async function* fed(): AsyncGenerator<Uint8Array> {
    const iterator = pieces[Symbol.asyncIterator]();
    for (;;) {
      // Only what reading throws is a failure; a tool that has read enough throws at the yield.
      const piece = await iterator.next().catch((error: unknown) => {
        failures.push(error);
        own.abort();
        return null;
      });
      if (piece === null || piece.done === true) return;
      yield piece.value;
    }
  }
  const stdin = Readable.from(fed(), { objectMode: false });
  try {
    const signal = AbortSignal.any([own.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    const exit = await run(stdin, { signal, abort: () => own.abort() }, failures);
    if (failures.length > 0 && request.signal?.aborted !== true) throw failures[0];
    return exit;
  } finally {
    stdin.destroy();
  }
}

/** One's own wish to end the tool, or the caller's. */
interface Aborting {
  readonly signal: AbortSignal;
  abort(): void;
}
