import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../shared/error/app-error.ts";

/** Longer than a slow machine needs to make and load a sample. */
const limitMs = 180_000;

/**
 * Runs `work` while no other process does. The lock is SQLite's on an empty database file: the system lets go of it when
 * its holder dies, which no file of ours with a process id in it could promise.
 *
 * @throws AppError sample.failed when somebody else holds it for three minutes
 */
export async function withSampleLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lockFile), { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    const giveUpAt = Date.now() + limitMs;
    while (!tryLock(() => database.exec("begin exclusive"))) {
      if (Date.now() > giveUpAt) {
        throw new AppError("sample.failed", "Another Lifeboat has been busy with the sample for three minutes.", {
          hint: "Wait for it, or end it, then try again.",
        });
      }
      await sleep(50);
    }
    return await work();
  } finally {
    database.close();
  }
}

function tryLock(begin: () => void): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    // SQLITE_BUSY of sqlite3.h
    if (error instanceof Error && "errcode" in error && error.errcode === 5) return false;
    throw error;
  }
}
