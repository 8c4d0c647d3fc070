import { ShieldQuestionMark } from "lucide-react";
import type { BackupCheck } from "../../../shared/contract/backup-proof.ts";
import type { BackupChecks } from "../../../shared/contract/views.ts";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import styles from "./checks-dialog.module.css";
import { formatMoment } from "./dates.ts";
import { mayBeKeptBeside } from "./kept-beside.ts";
import { startVerify } from "./start-verify.ts";
import { texts } from "./texts.ts";
import { useChecks } from "./use-checks.ts";
import { useVerdict } from "./use-verdicts.ts";
import { VerdictBadge } from "./verdict-badge.tsx";

export interface ChecksDialogProps {
  /** Of the archive, wherever it lies. */
  readonly path: string;
  /** Which backup it is. */
  readonly name: string;
  onClose(): void;
}

/** The history of a backup's checks, on whatever machine they ran, and a new one. */
export function ChecksDialog({ path, name, onClose }: ChecksDialogProps) {
  const client = useClient();
  const { value, error, isLoading, reload } = useChecks(path);
  const verdict = useVerdict(path);
  const isRunning = verdict?.kind === "running";
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      size="large"
      title={texts.checksTitle}
      description={`${name}. ${texts.checksText}`}
      footer={
        <>
          {isRunning ? <VerdictBadge verdict={verdict} backup={null} /> : null}
          <Button onClick={onClose}>{texts.close}</Button>
          <Button variant="primary" busy={isRunning} onClick={() => startVerify(client, path, "read")}>
            {texts.verifyNow}
          </Button>
        </>
      }
    >
      {error === null ? null : (
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.checksAgain}</Button>} />
      )}
      {value === null ? (
        isLoading ? (
          <Skeleton label={texts.checksLoading} lines={[100, 92, 96, 90]} />
        ) : null
      ) : (
        <History history={value} />
      )}
      {value === null || verdict === null || isRunning || isLoading || mayBeKeptBeside(verdict.at, value) ? null : (
        <p className={styles.said}>
          <ToneIcon tone="info" />
          {texts.checkNotKept(formatMoment(verdict.at))}
        </p>
      )}
    </Dialog>
  );
}

function History({ history: { checks, olderCount, refused } }: { readonly history: BackupChecks }) {
  return (
    <>
      {checks.length === 0 ? (
        <EmptyState icon={<ShieldQuestionMark />} title={texts.checksEmptyTitle}>
          {texts.checksEmpty}
        </EmptyState>
      ) : (
        <Checks checks={checks} />
      )}
      {olderCount === 0 ? null : <p className={styles.note}>{texts.checksOlder(olderCount)}</p>}
      {refused.length === 0 ? null : (
        <details className={styles.note}>
          <summary className={styles.summary}>{texts.checksRefused(refused.length)}</summary>
          <ul>
            {refused.map(({ path, why }) => (
              <li key={path}>
                <Visible text={path} limit={70} className={styles.path} />: {why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Checks({ checks }: { readonly checks: readonly BackupCheck[] }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, which has to be possible by keyboard
    <div className={styles.frame} tabIndex={0} role="region" aria-label={texts.checksTitle}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{texts.checkWhen}</th>
            <th scope="col">{texts.checkWhat}</th>
            <th scope="col">{texts.checkFound}</th>
            <th scope="col" className={styles.number}>
              {texts.checkRows}
            </th>
            <th scope="col">{texts.checkMachine}</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check, index) => (
            <CheckRow key={`${check.at} ${index}`} check={check} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const tones = { good: "good", partly: "warn", bad: "bad" } as const;

function CheckRow({ check }: { readonly check: BackupCheck }) {
  const { at, level, outcome, rows, error, machine, lifeboatVersion } = check;
  return (
    <tr>
      <th scope="row">
        {formatMoment(at)}
        <RelativeTime iso={at} className={styles.ago} />
      </th>
      <td>{texts.checkLevels[level]}</td>
      <td className={styles.found}>
        <Badge tone={tones[outcome]}>{texts.checkOutcomes[outcome]}</Badge>
        {error === null ? null : <p className={styles.why}>{visibleText(error.message)}</p>}
      </td>
      <td className={styles.number}>{rows === null ? "" : formatCount(rows)}</td>
      <td title={texts.checkVersion(visibleText(lifeboatVersion))}>
        <Visible text={machine} limit={24} />
      </td>
    </tr>
  );
}
