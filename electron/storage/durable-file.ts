import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errnoOf } from "./storage-error.ts";

/** Makes a folder and its parents, private to this user (0700) where they did not exist, and their names durable. */
export async function makePrivateFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const outside = dirname(resolve(first));
  for (let made = resolve(path); made !== outside; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * Makes a rename or a new name in a folder survive a power cut. No-op on Windows, which cannot open folders, and where
 * the folder may not be read or its file system has no such thing (PostgreSQL's fd.c, fsync_fname_ext, does the same).
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!["EACCES", "EINVAL", "EBADF", "ENOTSUP"].includes(errnoOf(error) ?? "")) throw error;
  }
}

/**
 * Replaces a small file so that a reader sees the old text or the new one whole, also after a power cut:
 * temporary file in the same folder (0600), fsync, rename, fsync of the folder.
 */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  await makePrivateFolder(folder);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}
