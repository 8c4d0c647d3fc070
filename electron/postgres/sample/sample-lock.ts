import { AppError } from "../../../shared/error/app-error.ts";
import { type LockPatience, withFileLock } from "../../profiles/file-lock.ts";

/** Longer than a slow machine needs to make and load a sample. */
const patience: LockPatience = {
  patienceMs: 180_000,
  refusal: () =>
    new AppError("sample.failed", "Another Lifeboat has been busy with the sample for three minutes.", {
      hint: "Wait for it, or end it, then try again.",
    }),
};

/**
 * Runs `work` while no other process works on the sample.
 *
 * @throws AppError sample.failed when somebody else holds it for three minutes
 */
export async function withSampleLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  return withFileLock(lockFile, work, patience);
}
