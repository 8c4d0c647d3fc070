import { quoteIdentifier } from "../../shared/command/names.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import { withSession } from "../postgres/connect.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { forgetUnfinished, listUnfinished } from "../restore/unfinished.ts";

/**
 * Drops the scratch databases that killed processes of this home left on a plan's server. What cannot be dropped now is
 * tried again the next time, and said.
 */
export async function sweepScratch(
  context: JobContext,
  plan: RestorePlan,
  { home, connection }: RestoreServices,
  jobs: JobManager,
): Promise<void> {
  const left = (await listUnfinished(home)).filter(
    (note) => note.host === plan.host && note.port === plan.port && hasEnded(jobs, note.jobId),
  );
  if (left.length === 0) return;
  const options = { applicationName: "lifeboat", signal: context.signal };
  await withSession(connection.target, connection.password, options, async (session) => {
    for (const note of left) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- hardly ever more than one
        await session.query(`drop database if exists ${quoteIdentifier(note.database)}`);
        // oxlint-disable-next-line no-await-in-loop
        await forgetUnfinished(home, note);
        context.log(`dropped ${note.database}, which an interrupted job had left`);
      } catch (error) {
        if (context.signal.aborted) throw error;
        context.log(`warning: ${note.database}, which an interrupted job had left, could not be dropped`);
      }
    }
  });
}

/** Its own record says so; without one, its process may still be there. */
function hasEnded(jobs: JobManager, jobId: string): boolean {
  try {
    return isEnded(jobs.get(jobId).state);
  } catch {
    return false;
  }
}
