import type { BackupCheck } from "../../../shared/contract/backup-proof.ts";
import type { BackupChecks } from "../../../shared/contract/views.ts";

/** A check is written down before the job with it ends, and a storage that is slow may take some minutes over that. */
const mostBetweenMs = 15 * 60_000;

/**
 * Whether what the verification of this machine that ended then found stands beside the backup, or may. It does not where
 * nothing could be written there. Of a file that counts for nothing, and says why, nobody knows that it is another one's.
 */
export function mayBeKeptBeside(
  endedAt: string,
  {
    checks,
    refused,
  }: { readonly checks: readonly Pick<BackupCheck, "at">[]; readonly refused: BackupChecks["refused"] },
): boolean {
  const ended = Date.parse(endedAt);
  return (
    refused.length > 0 ||
    checks.some(({ at }) => {
      const before = ended - Date.parse(at);
      return before >= 0 && before <= mostBetweenMs;
    })
  );
}
