import { useState } from "react";
import type { PutBackPlanView } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { CommandBlock } from "../../components/command-block.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import styles from "./compare-screen.module.css";
import { texts } from "./texts.ts";

export interface PutBackDialogProps {
  readonly plan: PutBackPlanView;
  onClose(): void;
  onStarted(jobId: string): void;
}

/** Everything a put-back will do, its very SQL too, before it does any of it. */
export function PutBackDialog({ plan, onClose, onStarted }: PutBackDialogProps) {
  const client = useClient();
  const [typed, setTyped] = useState("");
  const { isBusy, error, run } = useWork();
  const isReady = plan.typeToConfirm === null || typed === plan.typeToConfirm;

  async function start(): Promise<void> {
    if (!isReady) return;
    await run(async () => {
      const confirmation = plan.typeToConfirm === null ? null : typed;
      const { jobId } = await client.invoke("putBack.start", { planId: plan.planId, confirmation });
      onStarted(jobId);
    });
  }

  return (
    <Dialog
      open
      size="large"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.reviewTitle(plan.missing + plan.changed, visibleText(plan.table))}
      description={texts.into(visibleText(plan.database), visibleText(plan.where))}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={plan.typeToConfirm === null ? "primary" : "danger"}
            disabled={!isReady}
            busy={isBusy}
            onClick={() => void start()}
          >
            {texts.confirm}
          </Button>
        </>
      }
    >
      <ul className={styles.list}>
        {plan.missing === 0 ? null : <li>{texts.inserts(plan.missing)}</li>}
        {plan.changed === 0 ? null : <li>{texts.changes(plan.changed)}</li>}
        <li>{texts.oneTransaction}</li>
      </ul>
      {plan.conflicts.length === 0 ? null : <Sentences title={texts.conflicts} sentences={plan.conflicts} isBad />}
      {plan.warnings.length === 0 ? null : <Sentences title={texts.notes} sentences={plan.warnings} />}
      <h3 className={styles.subtitle}>{texts.sql}</h3>
      <div className={styles.sql}>
        <CommandBlock commands={[plan.sql]} label={texts.sql} />
      </div>
      {plan.isSqlCut ? <p className={styles.quiet}>{texts.sqlCut}</p> : null}
      {plan.typeToConfirm === null ? null : (
        <TextField
          mono
          label={`Type ${visibleText(plan.typeToConfirm)} to confirm`}
          value={typed}
          onChange={setTyped}
        />
      )}
      {error === null ? null : <ErrorPanel error={error} />}
    </Dialog>
  );
}

interface SentencesProps {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly isBad?: boolean;
}

export function Sentences({ title, sentences, isBad = false }: SentencesProps) {
  return (
    <section className={isBad ? styles.bad : styles.notes} aria-label={title}>
      <h3 className={styles.subtitle}>{title}</h3>
      <ul className={styles.list}>
        {sentences.map((sentence) => (
          <li key={sentence}>{visibleText(sentence)}</li>
        ))}
      </ul>
    </section>
  );
}
