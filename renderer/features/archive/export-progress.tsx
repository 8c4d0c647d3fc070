import { useEffect, useEffectEvent } from "react";
import type { ExportResult } from "../../../shared/contract/job-results.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { useHello } from "../../stores/hello.ts";
import { isLive, useJob } from "../../stores/jobs.ts";
import styles from "./object-pane.module.css";
import { texts } from "./texts.ts";

export interface ExportProgressProps {
  readonly jobId: string;
  onEnd(): void;
}

/** An export that was started here, as far as it is; says what came of it. */
export function ExportProgress({ jobId, onEnd }: ExportProgressProps) {
  const client = useClient();
  const job = useJob(jobId);
  const canReveal = useHello(({ value }) => value?.capabilities.revealInFolder ?? false);
  const isOver = job !== undefined && !isLive(job);

  const tell = useEffectEvent((ended: Job) => {
    onEnd();
    if (ended.state === "cancelled") notify({ tone: "info", title: texts.exportStopped });
    else if (ended.error !== null) notifyError(ended.error);
    else {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the services wrote it
      const { rows, sizeBytes, path } = ended.result as ExportResult;
      const reveal = () =>
        void client.invoke("shell.reveal", { path }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
      notify({
        tone: "good",
        title: rows === null ? texts.saved(sizeBytes) : texts.exported(rows, sizeBytes),
        text: visibleText(path),
        action: canReveal ? { label: texts.reveal, run: reveal } : undefined,
      });
    }
  });
  useEffect(() => {
    if (isOver) tell(job);
    // oxlint-disable-next-line react/exhaustive-deps -- told once, when it is over
  }, [isOver]);

  if (job === undefined || isOver) return null;
  return (
    <div className={styles.export}>
      <div>
        <ProgressBar label={texts.export} progress={job.progress} />
      </div>
      <Button size="small" disabled={job.state === "cancelling"} onClick={() => void stop()}>
        {texts.stopExport}
      </Button>
    </div>
  );

  async function stop(): Promise<void> {
    await client.invoke("jobs.cancel", { id: jobId }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
  }
}
