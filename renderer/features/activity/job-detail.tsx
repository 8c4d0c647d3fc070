import { ClipboardList, FolderOpen, RotateCcw } from "lucide-react";
import { useState } from "react";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { formatDuration } from "../../../shared/text/format.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { RelativeTime, useNow } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { useHello } from "../../stores/hello.ts";
import { isLive, useJob } from "../../stores/jobs.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import { DiagnosticsDialog } from "./diagnostics-dialog.tsx";
import { JobBadge } from "./job-badge.tsx";
import styles from "./job-detail.module.css";
import { backupResult, elapsedOf } from "./job-facts.ts";
import { JobLog } from "./job-log.tsx";
import { JobOutcome } from "./job-outcome.tsx";
import { JobSteps } from "./job-steps.tsx";
import { texts } from "./texts.ts";
import { useJobActions } from "./use-job-actions.ts";

/** One job: what it does or did, step by step, what came of it, its log. */
export function JobDetail({ jobId }: { readonly jobId: string }) {
  const client = useClient();
  const listed = useJob(jobId);
  const isListed = listed !== undefined;
  // A job that the topic does not hold any more is still in the store.
  const fetched = useLoaded(`${jobId} ${isListed}`, async () =>
    isListed ? null : client.invoke("jobs.get", { id: jobId }),
  );
  const job = listed ?? fetched.value;
  if (job !== null) return <Detail job={job} />;
  return (
    <div className={styles.detail}>
      {fetched.error === null ? <Skeleton label={texts.loading} /> : <ErrorPanel error={fetched.error} />}
    </div>
  );
}

function Detail({ job }: { readonly job: Job }) {
  const isRunning = isLive(job);
  return (
    <article className={styles.detail} aria-label={job.title}>
      <header className={styles.head}>
        <h2 className={styles.title}>
          <Visible text={job.title} limit={70} />
        </h2>
        <JobBadge job={job} />
      </header>
      <Facts job={job} />
      {isRunning ? <Running job={job} /> : null}
      {job.error === null || job.state === "cancelled" ? null : <ErrorPanel error={job.error} isNew={false} />}
      <JobOutcome job={job} />
      <Actions job={job} isRunning={isRunning} />
      <JobSteps job={job} />
      <JobLog jobId={job.id} isLive={isRunning} />
    </article>
  );
}

function Facts({ job }: { readonly job: Job }) {
  const elapsed = elapsedOf(job, useNow(1000));
  return (
    <p className={styles.facts}>
      {texts.kinds[job.kind]}
      <span aria-hidden> · </span>
      {texts.started} <RelativeTime iso={job.startedAt ?? job.createdAt} />
      {elapsed === null ? null : (
        <>
          <span aria-hidden> · </span>
          {texts.took.toLowerCase()}{" "}
          {formatDuration(isLive(job) ? Math.max(1, Math.floor(elapsed / 1000)) * 1000 : elapsed)}
        </>
      )}
      {job.retryOf === null ? null : (
        <>
          <span aria-hidden> · </span>
          {texts.retryOf} <a href={formatRoute({ screen: "activity", jobId: job.retryOf })}>{texts.earlierTry}</a>
        </>
      )}
    </p>
  );
}

function Running({ job }: { readonly job: Job }) {
  const current = job.progress?.current ?? null;
  return (
    <div className={styles.running}>
      <ProgressBar progress={job.progress} label={job.title} />
      {current === null ? null : (
        <p className={styles.quiet}>
          <Visible text={current.label} limit={70} />
        </p>
      )}
    </div>
  );
}

function Actions({ job, isRunning }: { readonly job: Job; readonly isRunning: boolean }) {
  const { cancel, retry } = useJobActions();
  const [isPreviewed, setIsPreviewed] = useState(false);
  const made = backupResult(job);
  return (
    <div className={styles.actions}>
      {made === null ? null : (
        <>
          <Button variant="primary" onClick={() => navigate({ screen: "archive", path: made.path })}>
            {texts.lookInside}
          </Button>
          <Reveal path={made.path} />
        </>
      )}
      {isRunning ? (
        <Button busy={job.state === "cancelling"} onClick={() => void cancel(job)}>
          {job.state === "cancelling" ? texts.cancelling : texts.cancel}
        </Button>
      ) : (
        <Button icon={<RotateCcw aria-hidden />} onClick={() => void retry(job)}>
          {texts.retry}
        </Button>
      )}
      <Button variant="quiet" icon={<ClipboardList aria-hidden />} onClick={() => setIsPreviewed(true)}>
        {texts.diagnostics}
      </Button>
      {isPreviewed ? <DiagnosticsDialog jobId={job.id} onClose={() => setIsPreviewed(false)} /> : null}
    </div>
  );
}

function Reveal({ path }: { readonly path: string }) {
  const client = useClient();
  const canReveal = useHello(({ value }) => value?.capabilities.revealInFolder ?? false);
  if (!canReveal) return null;
  return (
    <Button
      icon={<FolderOpen aria-hidden />}
      onClick={() => {
        client.invoke("shell.reveal", { path }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
      }}
    >
      {texts.reveal}
    </Button>
  );
}
