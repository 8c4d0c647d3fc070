import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";

/** How long to wait for the lock, and what to say where it does not come free. */
export interface LockPatience {
  readonly patienceMs: number;
  readonly refusal: (path: string) => AppError;
}

const tenSeconds: LockPatience = {
  patienceMs: 10_000,
  refusal: (path) =>
    new AppError("storage.failed", "Another Lifeboat has been writing to its files for ten seconds.", {
      detail: path,
      hint: "Try again. If it goes on, look for a hanging lifeboat process.",
    }),
};

/**
 * Runs `work` while no other process and no other call in this one holds the same lock file. The lock is SQLite's own on
 * an empty database: the system drops it with the process, however that ends, so there are no stale locks to guess about.
 *
 * @throws AppError `storage.failed` when the lock is not free within ten seconds, or what the patience says
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, patience = tenSeconds): Promise<T> {
  await makePrivateFolder(dirname(path));
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    await begin(lock, path, patience);
    return await work();
  } finally {
    // Closing rolls back, which is how the lock is given up; nothing was written.
    lock.close();
  }
}

async function begin(lock: DatabaseSync, path: string, { patienceMs, refusal }: LockPatience): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      lock.exec("begin exclusive");
      return;
    } catch (error) {
      const isBusy = error instanceof Error && "errcode" in error && (error.errcode === 5 || error.errcode === 6);
      if (!isBusy) throw error;
      if (Date.now() > deadline) throw refusal(path);
      // oxlint-disable-next-line no-await-in-loop -- waiting is the point
      await sleep(20);
    }
  }
}
