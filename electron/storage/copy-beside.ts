import { AppError } from "../../shared/error/app-error.ts";
import { joinPath, splitPath } from "../../shared/storage/location.ts";
import { collectBytes, piecesOf, type Storage } from "./storage.ts";

/**
 * Copies small files that lie beside a backup, of its checks or its pin, beside its copy in another storage. They hold of the
 * copy as well: it is held to the same manifest. What is there already stays.
 * @param paths in the source
 * @param folder of the backup in the target
 * @param onMade is told each file in the target that was not there before
 * @throws storage.*
 */
export async function copyBeside(
  source: Storage,
  paths: readonly string[],
  target: Storage,
  folder: string,
  { signal, onMade }: { readonly signal: AbortSignal; readonly onMade: (path: string) => void },
): Promise<void> {
  for (const path of paths) {
    const to = joinPath(folder, splitPath(path).name);
    // oxlint-disable-next-line no-await-in-loop -- few and small
    const bytes = await collectBytes(source.readStream(path, { signal }));
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await target.write(to, piecesOf(bytes), { ifAbsent: true, expectedBytes: bytes.length, signal });
      onMade(to);
    } catch (error) {
      // The name of a check has a random part, and one pin is as good as another.
      if (!(error instanceof AppError) || error.code !== "storage.conflict") throw error;
    }
  }
}
