import type { RestoreProgress } from "../../shared/restore/restore-progress.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { watchCopyProgress } from "../postgres/copy-progress.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";

/** Follows a running pg_restore by its stderr and by the server's view of COPY. */
export interface RestoreFollower {
  stderrLine(line: string): void;
  stop(): Promise<void>;
}

const TICK_MS = 250;

/** Starts to follow; `stop()` ends it, whatever happened. */
export async function followRestore(
  context: JobContext,
  connection: ResolvedConnection,
  database: string,
  applicationName: string,
  progress: RestoreProgress,
): Promise<RestoreFollower> {
  let phase = progress.phase;
  const tick = (): void => {
    if (progress.phase !== phase && progress.phase !== null) context.step(progress.phase);
    phase = progress.phase;
    context.progress(progress.current(Date.now()));
  };
  // pg_stat_progress_copy shows the tables of the session's own database by name, so the watcher goes there.
  const target = { ...connection.target, database };
  let activity: string | null = null;
  const watcher = await watchCopyProgress(target, connection.password, applicationName, (sample) => {
    if (sample.activity !== activity && sample.activity?.startsWith("waiting for a lock")) context.log(sample.activity);
    activity = sample.activity;
    for (const copy of sample.copies) progress.copying(copy.relation, copy.bytes, copy.rows);
  });
  const timer = setInterval(tick, TICK_MS);
  return {
    stderrLine(line) {
      context.log(line);
      progress.line(line);
    },
    async stop() {
      clearInterval(timer);
      await watcher.stop();
      progress.ended();
      tick();
    },
  };
}
