import { AppError } from "../../shared/error/app-error.ts";
import { formatTime } from "../../shared/text/format.ts";
import type { Hold, Storage } from "../storage/storage.ts";
import { inParallel } from "../storage/stored-backups.ts";

const asksAtOnce = 32;

/** Why a backup stays that Object Lock holds, in words. */
export function sayHold({ mode, until }: Hold): string {
  return until === null
    ? "it is locked until its legal hold is lifted (Object Lock)"
    : `it is locked until ${formatTime(until)} (Object Lock, ${mode})`;
}

/**
 * Which of some backups are held, by their manifests: those are written last, so what they hold is held no longer.
 * @param paths of manifests, from the storage's root; one that is gone is passed over
 */
export async function findHolds(
  storage: Storage,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Hold>> {
  const holds = new Map<string, Hold>();
  if (storage.kind !== "s3") return holds;
  await inParallel(paths, asksAtOnce, async (path) => {
    const hold = await storage.stat(path, { signal }).then(
      (found) => found.hold,
      (error: unknown) => passOverGone(error),
    );
    if (hold !== undefined) holds.set(path, hold);
  });
  return holds;
}

/** Whether what is deleted in a storage stays there as an older version. */
export async function keepsVersions(storage: Storage, signal: AbortSignal): Promise<boolean> {
  if (storage.kind !== "s3") return false;
  return (await storage.describe({ signal })).versioning === "on";
}

function passOverGone(error: unknown): undefined {
  if (error instanceof AppError && error.code === "storage.notFound") return undefined;
  throw error;
}
