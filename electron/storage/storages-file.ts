import { z } from "zod";
import { AppError } from "../../shared/error/app-error.ts";
import { type SavedStorage, savedStorageSchema } from "../../shared/storage/settings.ts";

const storagesFileSchema = z.object({ version: z.literal(1), storages: z.array(savedStorageSchema) });

/**
 * The storages that storages.json holds.
 * @param path for the message alone
 * Throws storage.invalid.
 */
export function parseStoragesFile(text: string, path: string): SavedStorage[] {
  try {
    return storagesFileSchema.parse(JSON.parse(text)).storages;
  } catch (error) {
    throw new AppError("storage.invalid", `The file with the storages is damaged: ${path}`, {
      detail: error instanceof z.ZodError ? z.prettifyError(error) : undefined,
      hint: "It is kept as it is. Mend it, or move it away and add the storages again; secrets in the keychain stay.",
      cause: error,
    });
  }
}
