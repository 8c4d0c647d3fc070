import { Readable } from "node:stream";
import { runTool, type ToolExit, type ToolRequest } from "./run-tool.ts";

/**
 * Runs a tool whose stdin is fed with pieces as they come, in constant memory. Where they cannot be had to their end the
 * tool is ended; a tool that has read enough before is none the worse.
 * @throws what the pieces throw
 */
export async function runFedTool(
  request: Omit<ToolRequest, "stdin" | "stdout"> & { readonly stdout: Exclude<ToolRequest["stdout"], "stream"> },
  pieces: AsyncIterable<Uint8Array>,
): Promise<ToolExit> {
  const giveUp = new AbortController();
  const failures: unknown[] = [];
  async function* fed(): AsyncGenerator<Uint8Array> {
    const iterator = pieces[Symbol.asyncIterator]();
    for (;;) {
      // Only what reading throws is a failure; a tool that has read enough throws at the yield.
      const piece = await iterator.next().catch((error: unknown) => {
        failures.push(error);
        giveUp.abort();
        return null;
      });
      if (piece === null || piece.done === true) return;
      yield piece.value;
    }
  }
  const stdin = Readable.from(fed(), { objectMode: false });
  try {
    const signal = AbortSignal.any([giveUp.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    const exit = await runTool({ ...request, stdin, signal }).exit;
    if (failures.length > 0 && request.signal?.aborted !== true) throw failures[0];
    return exit;
  } finally {
    stdin.destroy();
  }
}
