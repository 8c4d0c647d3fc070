import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";

const patienceMs = 10_000;

/**
 * Runs `work` while no other process and no other call in this one holds the same lock file. The lock is SQLite's own on
 * an empty database: the system drops it with the process, however that ends, so there are no stale locks to guess about.
 *
 * @throws AppError `storage.failed` when the lock is not free within ten seconds
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await makePrivateFolder(dirname(path));
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    await begin(lock, path);
    return await work();
  } finally {
    // Closing rolls back, which is how the lock is given up; nothing was written.
    lock.close();
  }
}

async function begin(lock: DatabaseSync, path: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      lock.exec("begin exclusive");
      return;
    } catch (error) {
      const isBusy = error instanceof Error && "errcode" in error && (error.errcode === 5 || error.errcode === 6);
      if (!isBusy) throw error;
      if (Date.now() > deadline) {
        throw new AppError("storage.failed", "Another Lifeboat has been writing its profiles for ten seconds.", {
          detail: path,
          hint: "Try again. If it goes on, look for a hanging lifeboat process.",
        });
      }
      // oxlint-disable-next-line no-await-in-loop -- waiting is the point
      await sleep(20);
    }
  }
}
