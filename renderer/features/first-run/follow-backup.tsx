import { FolderSearch, House } from "lucide-react";
import type { BackupResult } from "../../../shared/contract/job-results.ts";
import type { ErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { formatDuration, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { classNames } from "../../components/class-names.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import { isLive, useJob } from "../../stores/jobs.ts";
import { backupResult } from "../activity/job-facts.ts";
import { useJobActions } from "../activity/use-job-actions.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./first-run-screen.module.css";
import { Progressing } from "./progressing.tsx";
import { texts } from "./texts.ts";

/** The first backup from its start to what was made of it. */
export function FollowBackup({ jobId }: { readonly jobId: string }) {
  const client = useClient();
  // The topic may tell of the job a moment after it was started, or hold it no more.
  const fetched = useLoaded(jobId, () => client.invoke("jobs.get", { id: jobId }));
  const job = useJob(jobId) ?? fetched.value;
  const { cancel } = useJobActions();

  if (job === null) {
    return fetched.error === null ? (
      <Skeleton label={texts.connecting} />
    ) : (
      <Failed title={texts.unknownJob} error={fetched.error} />
    );
  }
  const name = nameOf(job);
  if (isLive(job)) {
    return (
      <Progressing
        name={name}
        text={texts.runningText}
        steps={
          job.steps.length === 0
            ? [{ name: texts.connecting, isDone: false }]
            : job.steps.map((step) => ({ name: step.name, isDone: step.endedAt !== null }))
        }
        progress={job.progress}
        actions={
          <Button busy={job.state === "cancelling"} onClick={() => void cancel(job)}>
            {job.state === "cancelling" ? texts.cancelling : texts.cancel}
          </Button>
        }
      />
    );
  }
  const made = backupResult(job);
  if (made !== null) return <Made name={name} made={made} />;
  if (job.state === "cancelled") return <Failed title={texts.cancelledTitle} text={texts.cancelledText} job={job} />;
  return <Failed title={texts.failedTitle(visibleText(name))} error={job.error} text={texts.interrupted} job={job} />;
}

/** `Back up shop` is called by its request's database. */
function nameOf(job: Job): string {
  const { request } = job;
  if (typeof request !== "object" || request === null) return job.title;
  if ("sample" in request && request.sample === true) return texts.theSample;
  return "database" in request ? String(request.database) : job.title;
}

function Made({ name, made }: { readonly name: string; readonly made: BackupResult }) {
  const rows = made.rows === null ? null : formatNumberOf(made.rows, "row");
  return (
    <>
      <h1 className={styles.title} aria-live="polite">
        {texts.madeTitle(visibleText(name))}
      </h1>
      <p className={styles.lead}>{texts.madeText}</p>
      <div className={styles.stack}>
        <div className={styles.next}>
          <a
            href={formatRoute({ screen: "archive", path: made.path })}
            className={classNames(styles.nextCard, styles.first)}
          >
            <b>
              <FolderSearch aria-hidden />
              {texts.lookInside}
            </b>
            {texts.lookInsideText}
          </a>
          <a href={formatRoute({ screen: "home" })} className={styles.nextCard}>
            <b>
              <House aria-hidden />
              {texts.home}
            </b>
            {texts.homeText}
          </a>
        </div>
        <Card>
          <dl className={styles.facts}>
            <dt>{texts.madeHolds}</dt>
            <dd>{texts.holds(formatNumberOf(made.tables, "table"), rows)}</dd>
            <dt>{texts.madeSize}</dt>
            <dd>
              <Bytes bytes={made.sizeBytes} />
            </dd>
            <dt>{texts.madeTook}</dt>
            <dd>{formatDuration(made.elapsedMs)}</dd>
            <dt>{texts.madeTool}</dt>
            <dd>{visibleText(made.tool)}</dd>
            <dt>{texts.madeWhere}</dt>
            <dd>
              <Visible text={made.path} limit={76} className={styles.mono} />
              <CopyButton text={made.path} label={texts.copyPath} />
            </dd>
          </dl>
          {made.warnings.length === 0 ? null : (
            <p>
              <Badge tone="warn">{formatNumberOf(made.warnings.length, "warning")}</Badge>
            </p>
          )}
        </Card>
      </div>
    </>
  );
}

interface FailedProps {
  readonly title: string;
  readonly error?: ErrorValue | null;
  /** Where there is no error to show. */
  readonly text?: string;
  readonly job?: Job;
}

function Failed({ title, error = null, text, job }: FailedProps) {
  const { retry } = useJobActions();
  return (
    <>
      <h1 className={styles.title} aria-live="polite">
        {title}
      </h1>
      <div className={styles.failed}>
        {error === null ? <p className={styles.lead}>{text}</p> : <ErrorPanel error={error} />}
        <div className={styles.foot}>
          <Button variant="primary" size="large" onClick={() => navigate({ screen: "first-run" }, { replace: true })}>
            {texts.chooseAgain}
          </Button>
          {job === undefined ? null : (
            <>
              <Button size="large" onClick={() => void retry(job)}>
                {texts.retry}
              </Button>
              <Button size="large" variant="quiet" onClick={() => navigate({ screen: "activity", jobId: job.id })}>
                {texts.openActivity}
              </Button>
            </>
          )}
        </div>
      </div>
    </>
  );
}
