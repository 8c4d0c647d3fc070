import { createHashedFile, type FileDigest } from "../storage/hashed-file.ts";
import type { DumpSink } from "./received-dump.ts";

/** The file a dump goes into, as it is or encrypted on its way. What is hashed are the stored bytes. */
export interface DumpFile extends DumpSink {
  /** Writes what is held back, then as HashedFile.seal(). */
  seal(): Promise<FileDigest>;
  /** Closes and removes it; for any way out but seal(). */
  discard(): Promise<void>;
}

/**
 * Creates the file, which must not exist.
 * @param recipients age recipients; none: it is not encrypted
 * Throws encryption.*, backup.destinationExists or storage.*.
 */
export async function createDumpFile(path: string, recipients: readonly string[]): Promise<DumpFile> {
  const file = await createHashedFile(path);
  if (recipients.length === 0) return file;
  try {
    const { openEncryptingSink } = await import("../encryption/encrypting-sink.ts");
    const sink = await openEncryptingSink(file, { recipients });
    return {
      write: (bytes) => sink.write(bytes),
      // Sealing a chunk again with other bytes under the same key and number would give its key away.
      patch: null,
      async seal() {
        await sink.end();
        return file.seal();
      },
      discard: () => file.discard(),
    };
  } catch (error) {
    await file.discard();
    throw error;
  }
}
