import type { Job } from "../../../shared/job/job.ts";
import { formatDuration } from "../../../shared/text/format.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { RelativeTime, useNow } from "../../components/relative-time.tsx";
import { Visible } from "../../components/visible.tsx";
import { isLive, useJobs } from "../../stores/jobs.ts";
import { JobBadge } from "../activity/job-badge.tsx";
import { bytesOf, elapsedOf, sayOutcome } from "../activity/job-facts.ts";
import { useJobActions } from "../activity/use-job-actions.ts";
import { formatRoute } from "../shell/router.ts";
import styles from "./recent-activity.module.css";
import { texts } from "./texts.ts";

const shownJobs = 8;

/** What runs now and what ran last. */
export function RecentActivity() {
  const jobs = useJobs((state) => state.jobs);
  if (jobs === null) return null;
  const shown = jobs.toSorted((one, other) => Number(isLive(other)) - Number(isLive(one))).slice(0, shownJobs);

  return (
    <Card
      flush
      title={texts.activity}
      actions={jobs.length === 0 ? null : <a href={formatRoute({ screen: "activity" })}>{texts.allActivity}</a>}
      className={styles.card}
    >
      {shown.length === 0 ? (
        <p className={styles.none}>{texts.noActivity}</p>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.whatColumn}</th>
              <th scope="col">{texts.stateColumn}</th>
              <th scope="col" className={styles.progress}>
                {texts.progressColumn}
              </th>
              <th scope="col" className={styles.number}>
                {texts.size}
              </th>
              <th scope="col" className={styles.number}>
                {texts.tookColumn}
              </th>
              <th scope="col" className={styles.number}>
                {texts.whenColumn}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function JobRow({ job }: { readonly job: Job }) {
  const bytes = bytesOf(job);
  const outcome = sayOutcome(job);
  return (
    <tr>
      <td>
        <a href={formatRoute({ screen: "activity", jobId: job.id })} className={styles.what}>
          <Visible text={job.title} limit={44} />
        </a>
      </td>
      <td>
        <JobBadge job={job} />
      </td>
      <td className={styles.progress}>
        {isLive(job) ? <Running job={job} /> : outcome === null ? null : <Outcome text={outcome} />}
      </td>
      <td className={styles.number}>{bytes === null ? null : <Bytes bytes={bytes} />}</td>
      <td className={styles.number}>
        <Took job={job} />
      </td>
      <td className={styles.number}>
        <RelativeTime iso={job.createdAt} />
      </td>
    </tr>
  );
}

function Running({ job }: { readonly job: Job }) {
  const { cancel } = useJobActions();
  return (
    <span className={styles.running}>
      <ProgressBar isBrief progress={job.progress} label={job.title} />
      <Button
        size="small"
        variant="quiet"
        busy={job.state === "cancelling"}
        aria-label={texts.cancelNamed(job.title)}
        onClick={() => void cancel(job)}
      >
        {texts.cancel}
      </Button>
    </span>
  );
}

function Outcome({ text }: { readonly text: string }) {
  return (
    <span className={styles.outcome} title={text}>
      <Visible text={text} limit={200} />
    </span>
  );
}

function Took({ job }: { readonly job: Job }) {
  const nowMs = useNow(1000);
  const elapsed = elapsedOf(job, nowMs);
  return elapsed === null
    ? null
    : formatDuration(isLive(job) ? Math.max(1, Math.floor(elapsed / 1000)) * 1000 : elapsed);
}
