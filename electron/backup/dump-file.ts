import type { StoredFile } from "../../shared/contract/manifest.ts";
import type { EncryptFor } from "../encryption/age-package.ts";
import type { EncryptingSink } from "../encryption/encrypting-sink.ts";
import type { GpgSink } from "../encryption/gpg-sink.ts";
import { type FanOutOptions, openFanOut } from "../storage/fan-out.ts";
import { hashChunkBytes } from "../storage/part-sums.ts";
import type { Place } from "../storage/place.ts";
import type { DumpSink } from "./received-dump.ts";

/** The file a dump goes into, in every place at once, as it is or encrypted on its way. What is hashed are the stored bytes. */
export interface DumpFile extends DumpSink {
  /** Writes what is held back and gives the file its name, as FannedFile.commit(). */
  commit(): Promise<Omit<StoredFile, "path" | "role">>;
  /** For any way out but commit(): nothing of it stays. */
  discard(): Promise<void>;
}

/** Encrypted with age, or with the user's gpg for keys of their keyring. */
export type DumpEncryption =
  | EncryptFor
  | { /** Fingerprints. */ readonly gpg: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** @param encryptFor null: it is not encrypted */
export type DumpFileOptions = FanOutOptions & { readonly encryptFor: DumpEncryption | null };

/**
 * Begins the file; nothing may be at its path. Throws encryption.*, and what openFanOut's file throws.
 */
export async function openDumpFile(
  path: string,
  places: readonly Place[],
  { encryptFor, hasLateHead, ...options }: DumpFileOptions,
): Promise<DumpFile> {
  // Sealing a chunk again with other bytes under the same key and number would give its key away.
  const file = openFanOut(path, places, { ...options, hasLateHead: hasLateHead && encryptFor === null });
  const commit: DumpFile["commit"] = async () => {
    const { sizeBytes, sha256, chunks } = await file.commit();
    return { sizeBytes, ...(sha256 === null ? {} : { sha256 }), chunks: [...chunks], chunkBytes: hashChunkBytes };
  };
  if (encryptFor === null) return { ...file, commit };
  try {
    const sink = await openSink(file, encryptFor);
    return {
      write: (bytes) => sink.write(bytes),
      head: null,
      async commit() {
        await sink.end();
        return { ...(await commit()), ...(sink.start === undefined ? {} : { head: sink.start }) };
      },
      async discard() {
        await sink.discard?.();
        await file.discard();
      },
    };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function openSink(
  file: DumpSink,
  encryptFor: DumpEncryption,
): Promise<GpgSink | (EncryptingSink & { discard?: never })> {
  if ("gpg" in encryptFor) {
    const { openGpgSink } = await import("../encryption/gpg-sink.ts");
    return openGpgSink(file, encryptFor.gpg, encryptFor.env);
  }
  const { openEncryptingSink } = await import("../encryption/encrypting-sink.ts");
  return openEncryptingSink(file, encryptFor);
}
