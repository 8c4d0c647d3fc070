import { type BrowserWindow, Notification } from "electron";
import type { Settings } from "../../shared/contract/views.ts";
import type { Job, JobId } from "../../shared/job/job.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import type { TopicSources } from "../host/served-app.ts";
import { texts } from "./texts.ts";

export interface NoticeOptions {
  readonly topics: Pick<TopicSources, "jobs" | "settings">;
  readonly window: () => BrowserWindow | null;
  /** A notification was clicked. */
  readonly onChosen: (jobId: JobId) => void;
}

/** Values of BrowserWindow.setProgressBar: none, and (above 1) work without a known end. */
const noBar = -1;
const unmeasuredBar = 2;

/**
 * Tells of jobs outside the window: progress on the dock or taskbar, and a notification for each job that ends while
 * the window is not in front. Jobs that had ended before they were seen are old news. @returns ends the telling
 */
export function tellOfJobs({ topics, window, onChosen }: NoticeOptions): () => void {
  const open = new Map<JobId, Job>();
  /** Shown ones are held: a notification that is collected does not hear its click. */
  const shown = new Set<Notification>();

  function showProgress(): void {
    window()?.setProgressBar(progressOf([...open.values()]));
  }

  async function notify(job: Job): Promise<void> {
    if (!Notification.isSupported() || window()?.isFocused() === true) return;
    const settings: Settings | null = await Promise.resolve(topics.settings.snapshot()).catch(() => null);
    if (settings?.notifications === false) return;
    const notification = new Notification({ title: job.title, body: bodyOf(job) });
    shown.add(notification);
    notification.on("click", () => {
      shown.delete(notification);
      onChosen(job.id);
    });
    notification.on("close", () => shown.delete(notification));
    notification.show();
  }

  return topics.jobs.listen((delta) => {
    if ("removed" in delta) open.delete(delta.removed);
    else if (!isEnded(delta.changed.state)) open.set(delta.changed.id, delta.changed);
    else if (open.delete(delta.changed.id)) void notify(delta.changed);
    showProgress();
  });
}

/** Of all that runs: the mean of what is measured; unmeasured where anything is. */
export function progressOf(jobs: readonly Pick<Job, "progress">[]): number {
  if (jobs.length === 0) return noBar;
  let sum = 0;
  for (const { progress } of jobs) {
    if (progress?.kind !== "measured" || progress.total <= 0) return unmeasuredBar;
    sum += Math.min(1, progress.done / progress.total);
  }
  return sum / jobs.length;
}

function bodyOf({ state }: Job): string {
  return new Map(Object.entries(texts.ended)).get(state) ?? "";
}
