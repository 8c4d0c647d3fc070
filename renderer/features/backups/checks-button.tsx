import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { BackupView } from "../../../shared/contract/views.ts";
import { Skeleton, SkeletonBar } from "../../components/skeleton.tsx";
import styles from "./checks-button.module.css";
import { ChecksDialog } from "./checks-dialog.tsx";
import { texts } from "./texts.ts";
import { useChecks } from "./use-checks.ts";
import { useVerdict } from "./use-verdicts.ts";
import { VerdictBadge } from "./verdict-badge.tsx";

export interface ChecksButtonProps {
  /** One that has a manifest, as it was opened. */
  readonly backup: BackupView;
  /** Which backup it is, for those who listen. */
  readonly name: string;
}

/** Verified or not, and how often that was looked at; opens the history of its checks. */
export function ChecksButton({ backup, name }: ChecksButtonProps) {
  const { path } = backup;
  const { value, error } = useChecks(path);
  const verdict = useVerdict(path);
  const [isOpen, setIsOpen] = useState(false);
  const { last, checks, olderCount } = value ?? { last: null, checks: [], olderCount: 0 };
  const isWaiting = value === null && error === null;
  const count = checks.length + olderCount;
  return (
    <>
      <button type="button" className={styles.button} title={texts.checksOpen} onClick={() => setIsOpen(true)}>
        {isWaiting && verdict === null ? (
          <Skeleton label={texts.checksLoading}>
            <SkeletonBar width="72px" />
          </Skeleton>
        ) : (
          <VerdictBadge verdict={verdict} backup={last === null ? backup : { ...backup, lastProof: last }} />
        )}
        <span className={styles.count}>
          {error !== null ? texts.checksNotRead : count === 0 ? texts.checksOfIt : texts.checksCount(count)}
          <ChevronRight aria-hidden />
        </span>
      </button>
      {isOpen ? <ChecksDialog path={path} name={name} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
