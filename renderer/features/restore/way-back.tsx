import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { RestoreResult } from "../../../shared/contract/job-results.ts";
import type { Job } from "../../../shared/job/job.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { isLive, useJob } from "../../stores/jobs.ts";
import styles from "./restore-run.module.css";
import type { PlannedRestore } from "./restore-store.ts";
import { texts } from "./texts.ts";

interface WayBackProps {
  readonly planned: PlannedRestore;
  readonly job: Job;
  readonly result: RestoreResult;
}

/** Where what came is, what became of what was there, and the undo; nothing for modes that change nothing live. */
export function WayBack({ planned, job, result }: WayBackProps) {
  const client = useClient();
  const [undoId, setUndoId] = useState<string | null>(null);
  const undo = useJob(undoId);
  const [isAsking, setIsAsking] = useState(false);
  const lines = linesOf(result);
  if (lines.length === 0) return null;
  const { environment, database } = planned.plan;
  const typed = environment === "production" ? database : null;
  const isRunning = undoId !== null && (undo === undefined || isLive(undo));
  const isUndone = undo?.state === "succeeded";
  return (
    <section aria-label={texts.undo} className={styles.wayBack}>
      {isUndone ? (
        <p role="status">
          <Badge tone="good">{texts.undone}</Badge> {texts.undoneText}
        </p>
      ) : (
        lines.map((line) => <p key={line}>{visibleText(line)}</p>)
      )}
      {isUndone ? null : (
        <Button icon={<Undo2 aria-hidden />} busy={isRunning} onClick={() => setIsAsking(true)}>
          {isRunning ? texts.undoing : texts.undoIt}
        </Button>
      )}
      {undo?.error ? <ErrorPanel error={undo.error} /> : null}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.undoTitle}
        confirmLabel={texts.undoConfirm}
        typeToConfirm={typed}
        onConfirm={async () => {
          setUndoId((await client.invoke("putBack.undo", { jobId: job.id, confirmation: typed })).jobId);
        }}
      >
        {visibleText(planned.plan.undo ?? "")}
      </ConfirmDialog>
    </section>
  );
}

function linesOf({ beside, replaced, swapped }: RestoreResult): string[] {
  return [
    ...(beside?.tables ?? []).map(({ from, to }) => texts.besideDone(from, to)),
    ...(replaced === undefined ? [] : [texts.replacedDone(replaced.safetyBackup.path)]),
    ...(swapped === undefined ? [] : [texts.swappedDone(swapped.old)]),
  ];
}
