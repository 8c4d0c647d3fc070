import type { LastProof } from "../../../shared/contract/backup-proof.ts";
import type { BackupView } from "../../../shared/contract/views.ts";
import type { Verdict } from "../../../shared/policy/verdicts.ts";
import { formatPercent, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { texts } from "./texts.ts";

export interface VerdictBadgeProps {
  readonly verdict: Verdict | null;
  /** null: an archive without a manifest. */
  readonly backup: BackupView | null;
  /** The word alone, for lists. */
  readonly isShort?: boolean;
}

/** Verified or not, in a word. */
export function VerdictBadge({ verdict, backup, isShort = false }: VerdictBadgeProps) {
  const last = backup?.lastProof;
  // Another machine may have looked later.
  if (last !== undefined && verdict?.kind !== "running" && (verdict === null || verdict.at < last.at))
    return <ProofBadge last={last} isShort={isShort} />;
  if (verdict === null) {
    if ((backup?.id ?? null) === null) return <Badge>{texts.elsewhere}</Badge>;
    return isShort ? null : <Badge>{texts.notVerified}</Badge>;
  }
  if (verdict.kind === "running") {
    const { progress } = verdict;
    const far = progress?.kind === "measured" ? ` ${formatPercent(progress.done, progress.total)}` : "";
    return <Badge tone="info">{`${texts.verifying}${far}`}</Badge>;
  }
  if (verdict.kind === "bad")
    return (
      <Badge tone="bad">
        <span title={visibleText(verdict.error.message)}>{texts.verifyFailed}</span>
      </Badge>
    );
  const { result, at } = verdict;
  const words =
    verdict.kind === "partly"
      ? texts.verifyPartly
      : result.level === "checksum"
        ? texts.checksumOnly
        : result.checksum === "noManifest"
          ? texts.readable(isShort ? null : result.tables, isShort ? null : result.rows)
          : texts.verifiedText(isShort ? null : result.tables, isShort ? null : result.rows);
  return (
    <Badge tone={verdict.kind === "partly" ? "warn" : "good"}>
      <span title={[formatTime(at), ...result.notes.map(visibleText)].join("\n")}>{words}</span>
    </Badge>
  );
}

function ProofBadge({ last, isShort }: { readonly last: LastProof; readonly isShort: boolean }) {
  const { at, level, outcome, rows } = last;
  const words =
    outcome === "bad"
      ? texts.verifyFailed
      : outcome === "partly"
        ? texts.verifyPartly
        : level === "checksum"
          ? texts.checksumOnly
          : texts.verifiedText(null, isShort ? null : rows);
  return (
    <Badge tone={outcome === "bad" ? "bad" : outcome === "partly" ? "warn" : "good"}>
      <span title={texts.lastChecked(formatTime(at))}>{words}</span>
    </Badge>
  );
}
