import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "../../shared/error/app-error.ts";
import { withFileLock } from "../profiles/file-lock.ts";
import { writeFileDurably } from "../storage/durable-file.ts";
import { errnoOf } from "../storage/storage-error.ts";

const knownKeySchema = z.object({
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u),
  /** Public: `age1…`, or an SSH key, `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…` without a comment. */
  recipient: z.string().regex(/^(?:age1|ssh-(?:ed25519|rsa) )/),
  createdAt: z.iso.datetime(),
  /**
   * When its recovery kit, of an SSH key its private key's file, last opened something; null: nobody has tried it, so the
   * key does not count as recoverable.
   */
  kitTriedAt: z.iso.datetime().nullable(),
});
const keysFileSchema = z.object({ version: z.literal(1), keys: z.array(knownKeySchema) });

/** What keys.json holds of a key. Nothing in it is secret. */
export type KnownKey = z.infer<typeof knownKeySchema>;

/** The keys of keys.json; none where there is no such file. Throws encryption.keysInvalid. */
export async function loadKnownKeys(path: string): Promise<KnownKey[]> {
  try {
    return keysFileSchema.parse(JSON.parse(await readFile(path, "utf8"))).keys;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw new AppError("encryption.keysInvalid", `The list of encryption keys cannot be read: ${path}`, {
      detail: error instanceof Error ? error.message : undefined,
      cause: error,
    });
  }
}

/** Changes keys.json in one step while no other process does. Throws encryption.keysInvalid, and what `edit` throws. */
export function changeKnownKeys(path: string, edit: (keys: readonly KnownKey[]) => readonly KnownKey[]): Promise<void> {
  return withFileLock(`${path}.lock`, async () => {
    const keys = edit(await loadKnownKeys(path));
    await writeFileDurably(path, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`);
  });
}

export function isKeyName(name: string): boolean {
  return knownKeySchema.shape.name.safeParse(name).success;
}
