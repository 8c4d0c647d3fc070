import { Check, LoaderCircle, X } from "lucide-react";
import type { Job, JobStep } from "../../../shared/job/job.ts";
import { formatDuration } from "../../../shared/text/format.ts";
import { Visible } from "../../components/visible.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { isLive } from "../../stores/jobs.ts";
import styles from "./job-detail.module.css";
import { texts } from "./texts.ts";

const icons = { done: Check, live: LoaderCircle, stopped: X } as const;

/** The job's steps in order, with how long each took. */
export function JobSteps({ job }: { readonly job: Job }) {
  if (job.steps.length === 0) return null;
  return (
    <section>
      <h3 className={styles.caption}>{texts.steps}</h3>
      <ol className={styles.steps}>
        {job.steps.map((step, index) => (
          <Step key={`${step.startedAt} ${step.name}`} step={step} job={job} isLast={index === job.steps.length - 1} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step, job, isLast }: { readonly step: JobStep; readonly job: Job; readonly isLast: boolean }) {
  const state = stateOf(step, job, isLast);
  const Icon = icons[state];
  const end = step.endedAt ?? job.endedAt;
  return (
    <li className={styles.step} data-state={state}>
      <Icon aria-hidden />
      <Visible text={step.name} limit={70} />
      <VisuallyHidden>, {texts.stepStates[state]}</VisuallyHidden>
      <span className={styles.stepTime}>
        {end === null ? texts.stepRunning : formatDuration(Date.parse(end) - Date.parse(step.startedAt))}
      </span>
    </li>
  );
}

/** The step in which a job ended otherwise than well was not finished, whatever time stands there. */
function stateOf(step: JobStep, job: Job, isLast: boolean): keyof typeof icons {
  if (step.endedAt === null && isLive(job)) return "live";
  const isStopped = job.state === "failed" || job.state === "cancelled" || job.state === "interrupted";
  return isLast && isStopped ? "stopped" : "done";
}
