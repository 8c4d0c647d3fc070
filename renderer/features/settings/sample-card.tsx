import { useState } from "react";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useSample } from "./sample-store.ts";
import styles from "./settings-screen.module.css";
import { texts } from "./texts.ts";

/** The private PostgreSQL to try things on. */
export function SampleCard() {
  const client = useClient();
  const { value: sample, error: loadError, reload } = useSample();
  const [busy, setBusy] = useState<"start" | "stop" | "reset" | null>(null);
  const [error, setError] = useState<ErrorValue | null>(null);
  const [isAsking, setIsAsking] = useState(false);

  async function change(how: "start" | "stop" | "reset"): Promise<void> {
    setBusy(how);
    setError(null);
    try {
      await client.invoke(`sample.${how}`, {});
    } catch (thrown) {
      setError(toErrorValue(thrown));
    }
    setBusy(null);
    reload();
  }

  const shownError = error ?? loadError;
  return (
    <Card title={texts.sample} actions={sample === null ? null : <StateBadge state={sample.state} />}>
      <p className={styles.note}>{texts.sampleNote}</p>
      {sample === null && loadError === null ? <Skeleton label={texts.loading} lines={[40]} /> : null}
      {sample?.unavailable ? <p className={styles.remedy}>{visibleText(sample.unavailable)}</p> : null}
      {shownError === null ? null : <ErrorPanel error={shownError} />}
      {sample === null || sample.unavailable !== null ? null : (
        <div className={`${styles.buttons} ${styles.after}`}>
          {sample.state === "running" ? (
            <Button size="small" busy={busy === "stop"} disabled={busy !== null} onClick={() => void change("stop")}>
              {busy === "stop" ? texts.sampleBusy.stop : texts.sampleStop}
            </Button>
          ) : (
            <Button size="small" busy={busy === "start"} disabled={busy !== null} onClick={() => void change("start")}>
              {busy === "start" ? texts.sampleBusy.start : texts.sampleStart}
            </Button>
          )}
          {sample.state === "absent" ? null : (
            <Button
              size="small"
              variant="quiet"
              busy={busy === "reset"}
              disabled={busy !== null}
              onClick={() => setIsAsking(true)}
            >
              {busy === "reset" ? texts.sampleBusy.reset : texts.sampleReset}
            </Button>
          )}
        </div>
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.sampleResetQuestion}
        confirmLabel={texts.sampleResetGo}
        onConfirm={() => void change("reset")}
      >
        {texts.sampleResetText}
      </ConfirmDialog>
    </Card>
  );
}

function StateBadge({ state }: { readonly state: keyof typeof texts.sampleStates }) {
  return <Badge tone={state === "running" ? "good" : "neutral"}>{texts.sampleStates[state]}</Badge>;
}
