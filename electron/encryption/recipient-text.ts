import { readFile } from "node:fs/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { errnoOf, storageError } from "../storage/storage-error.ts";
import { checkRecipient } from "./age-package.ts";
import { looksLikeSshKey } from "./ssh-recipient.ts";

/** Longer than any list of people. */
const mostBytes = 1024 * 1024;

/**
 * The recipients in a file as `age -R` takes it: a `.pub` file, authorized_keys, or a list of `age1…` and `ssh-…` lines;
 * empty lines and those with # are passed over. One that cannot be encrypted for fails all: who is in the file expects to
 * open the backup.
 * @throws encryption.badRecipient with the line's number
 */
export async function readRecipients(bytes: Uint8Array, path: string): Promise<string[]> {
  if (bytes.length > mostBytes) throw new AppError("encryption.badRecipient", `${path} is not a list of recipients.`);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.some((line) => /AGE-SECRET-KEY-|-----BEGIN/i.test(line)))
    throw new AppError("encryption.badRecipient", `${path} holds a secret key, not a public one.`, {
      hint: "Name the public half: of an SSH key it is the file with .pub behind the name.",
    });
  const found: string[] = [];
  for (const [at, line] of lines.entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    // oxlint-disable-next-line no-await-in-loop -- in their order
    const recipient = await checkRecipient(text).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, `Line ${at + 1} of ${path}: ${error.message}`, { hint: error.hint });
    });
    found.push(recipient);
  }
  if (found.length === 0) throw new AppError("encryption.badRecipient", `There is no recipient in ${path}.`);
  return [...new Set(found)];
}

/**
 * What a person names as a recipient: one itself, or a file of them.
 * @throws encryption.badRecipient, storage.* for a file that is there and cannot be read
 */
export async function findRecipients(text: string): Promise<string[]> {
  if (text.startsWith("age1") || looksLikeSshKey(text)) return [await checkRecipient(text)];
  const file = await readFile(text).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(errnoOf(error) ?? "")) return null;
    throw storageError(error, text);
  });
  return file === null ? [await checkRecipient(text)] : readRecipients(file, text);
}
