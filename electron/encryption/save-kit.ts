import { open, rm } from "node:fs/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { errnoOf, storageError } from "../storage/storage-error.ts";
import { writeKitPage } from "./kit-page.ts";
import { type RecoveryKit, writeKitText } from "./recovery-kit.ts";

/**
 * Writes a kit's text file and, beside it, its page. Both are private (0600) and replace nothing.
 * Throws backup.destinationExists, storage.*; neither is left then.
 */
export async function saveKit(kit: RecoveryKit, path: string): Promise<{ text: string; page: string }> {
  const page = `${path.replace(/\.txt$/, "")}.html`;
  await writeNewFile(path, writeKitText(kit));
  try {
    await writeNewFile(page, writeKitPage(kit));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { text: path, page };
}

async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw storageError(error, path);
    throw new AppError("backup.destinationExists", `${path} is there already.`, {
      hint: "Name another file: a recovery kit replaces nothing.",
    });
  }
}
