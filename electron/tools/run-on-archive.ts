import { Readable } from "node:stream";
import { openSource, streamSource } from "../archives/open-source.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { runTool, type ToolExit, type ToolRequest } from "./run-tool.ts";

/** An archive for pg_restore. */
export interface ToolArchive {
  readonly path: string;
  readonly isEncrypted: boolean;
  readonly keys: KeyRing | undefined;
}

/**
 * Runs pg_restore on an archive. An encrypted one goes to its stdin as it is decrypted, and to no disk; the request's
 * arguments must then name no file. What cannot be decrypted ends the tool at once.
 * @throws archive.*, encryption.*, storage.* where the archive cannot be read to the end
 */
export async function runOnArchive(
  request: Omit<ToolRequest, "stdin" | "stdout"> & { readonly stdout: Exclude<ToolRequest["stdout"], "stream"> },
  { path, isEncrypted, keys }: ToolArchive,
): Promise<ToolExit> {
  if (!isEncrypted) return runTool(request).exit;
  const source = await openSource(path, keys);
  const giveUp = new AbortController();
  const failures: unknown[] = [];
  async function* plainBytes(): AsyncGenerator<Buffer> {
    const pieces = streamSource(source, request.signal);
    for (;;) {
      // Only what reading throws is a failure; a tool that has read enough throws at the yield.
      const piece = await pieces.next().catch((error: unknown) => {
        failures.push(error);
        giveUp.abort();
        return null;
      });
      if (piece === null || piece.done === true) return;
      yield piece.value;
    }
  }
  const stdin = Readable.from(plainBytes(), { objectMode: false });
  try {
    const signal = AbortSignal.any([giveUp.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    const exit = await runTool({ ...request, stdin, signal }).exit;
    if (failures.length > 0 && request.signal?.aborted !== true) throw failures[0];
    return exit;
  } finally {
    stdin.destroy();
    await source.close();
  }
}
