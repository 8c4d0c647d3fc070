import type { BackupCheck } from "../../../shared/contract/backup-proof.ts";

/** A check is written down before the job with it ends, and a storage that is slow may take some minutes over that. */
const mostBetweenMs = 15 * 60_000;

/**
 * Whether the verification of this machine that ended then is among the checks that stand beside the backup. It is not where
 * nothing could be written there.
 */
export function isKeptBeside(endedAt: string, checks: readonly Pick<BackupCheck, "at">[]): boolean {
  const ended = Date.parse(endedAt);
  return checks.some(({ at }) => {
    const before = ended - Date.parse(at);
    return before >= 0 && before <= mostBetweenMs;
  });
}
