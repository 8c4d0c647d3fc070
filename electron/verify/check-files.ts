import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { holdTo } from "../storage/hold-to.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * Reads every file of a backup and compares it with the manifest.
 * @param storage whose root is the manifest's folder
 * Throws verify.sizeMismatch, or verify.checksumMismatch with the first bytes that differ, or storage.*.
 */
export async function checkFiles(
  storage: Storage,
  manifest: Manifest,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<void> {
  for (const file of manifest.files) {
    const name = `${storage.address}/${file.path}`;
    // What is too long or too short is not worth the reading.
    const { sizeBytes } = await storage.stat(file.path, { signal });
    if (sizeBytes !== file.sizeBytes)
      throw new AppError("verify.sizeMismatch", `${name} has another size than when it was written.`, {
        detail: `${sizeBytes} bytes, written were ${file.sizeBytes}`,
      });
    for await (const piece of holdTo(file, storage.readStream(file.path, { signal }), name)) onBytes(piece.length);
  }
}
