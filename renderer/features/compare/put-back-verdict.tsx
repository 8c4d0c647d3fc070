import { useState } from "react";
import type { PutBackResult } from "../../../shared/contract/job-results.ts";
import type { CompareView } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { isLive, useJob } from "../../stores/jobs.ts";
import styles from "./compare-screen.module.css";
import { texts } from "./texts.ts";

export interface PutBackVerdictProps {
  readonly jobId: string;
  readonly view: CompareView;
  readonly password: string;
}

/** How a put-back goes and went, with the way back. */
export function PutBackVerdict({ jobId, view, password }: PutBackVerdictProps) {
  const client = useClient();
  const job = useJob(jobId);
  const [undoId, setUndoId] = useState<string | null>(null);
  const undo = useJob(undoId);
  const [isAsking, setIsAsking] = useState(false);

  if (job === undefined || isLive(job)) return <p role="status">{texts.running}…</p>;
  if (job.error !== null) return <ErrorPanel error={job.error} />;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of a job of this kind
  const result = job.result as PutBackResult | null;
  if (result?.kind !== "rows") return <p role="status">{texts.failed}</p>;
  const isUndone = undo?.state === "succeeded";
  return (
    <section className={styles.verdict} aria-label={texts.doneTitle}>
      <div role="status">
        <Badge tone={result.differing === 0 ? "good" : "warn"}>{isUndone ? texts.undone : texts.doneTitle}</Badge>{" "}
        {isUndone ? null : texts.done(result.inserted, result.updated)}
        {result.differing === 0 ? null : <p>{texts.differing(result.differing)}</p>}
        <p className={styles.quiet}>
          {texts.undoKept} <code>{visibleText(result.undo)}</code>
        </p>
      </div>
      {isUndone ? null : <Button onClick={() => setIsAsking(true)}>{texts.undo}</Button>}
      {undo?.error ? <ErrorPanel error={undo.error} /> : null}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.undoTitle}
        confirmLabel={texts.undoConfirm}
        typeToConfirm={view.environment === "production" ? view.database : null}
        onConfirm={async () => {
          const confirmation = view.environment === "production" ? view.database : null;
          const given = password === "" ? {} : { password };
          setUndoId((await client.invoke("putBack.undo", { jobId, confirmation, ...given })).jobId);
        }}
      >
        {texts.undoText}
      </ConfirmDialog>
    </section>
  );
}
