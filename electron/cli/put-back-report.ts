import { formatName } from "../../shared/command/names.ts";
import type { PutBackResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { formatCount, formatDuration, formatNumberOf } from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { PutBackPlan } from "../put-back/put-back-plan.ts";
import { resultOf } from "./ended-job.ts";
import type { Output } from "./output.ts";

/** `restore --mode missing-rows --dry-run --json`. */
export function putBackDocument(plan: PutBackPlan): Record<string, unknown> {
  return {
    target: { host: plan.host, port: plan.port, database: plan.database, mode: "missing-rows" },
    archive: plan.request.archive,
    table: formatName(plan.table.schema, plan.table.name),
    key: plan.key,
    ...plan.counts,
    toInsert: plan.missing,
    toChange: plan.changed,
    conflicts: plan.conflicts,
    warnings: plan.warnings,
    sql: plan.steps.map(({ sql }) => sql),
    confirmation: plan.confirmation,
  };
}

/** The same for people. */
export function describePutBack(plan: PutBackPlan, out: Output): void {
  const say = (title: string, text: string) => out.line(`${out.style("dim", title.padEnd(10))}${visibleText(text)}`);
  const { missing, changed, added, same } = plan.counts;
  say("From", plan.request.archive);
  say("Into", `${formatName(plan.table.schema, plan.table.name)} in ${plan.database} on ${plan.host}:${plan.port}`);
  say(
    "Compared",
    `${formatCount(missing)} missing, ${formatCount(changed)} changed, ${formatCount(added)} added, ${formatCount(same)} the same, by ${plan.key}`,
  );
  say(
    "What",
    `${formatNumberOf(plan.missing, "row")} inserted, ${formatCount(plan.changed)} changed, in one transaction`,
  );
  for (const warning of plan.warnings) out.line(`${out.style("warn", "Note".padEnd(10))}${visibleText(warning)}`);
  for (const conflict of plan.conflicts) out.line(`${out.style("bad", "Conflict".padEnd(10))}${visibleText(conflict)}`);
  plan.steps.forEach(({ sql, rows }, at) => {
    const text = `${sql.replaceAll(/\s*\n\s*/g, " ")};`;
    say(at === 0 ? "SQL" : "", rows === null ? text : `${text} … its rows`);
  });
  out.line();
}

/** The verdict and the way back. Throws a failed job's own error. */
export function reportPutBack(job: Job, out: Output): void {
  if (job.state === "cancelled")
    throw new AppError("job.cancelled", `${job.title}: cancelled.`, { detail: "Nothing was changed." });
  const result = resultOf<PutBackResult>(job);
  out.document({ jobId: job.id, state: job.state, ...result });
  const took = formatDuration(result.elapsedMs);
  if (result.kind === "undo") {
    if (result.wholeTables === true) {
      out.line(`${out.style("good", "Dropped again")}: ${visibleText(result.table)}, in ${took}.`);
      return;
    }
    out.line(`${out.style("good", "Taken back")} in ${visibleText(result.table)}: it is as it was before, in ${took}.`);
    return;
  }
  const rows = `${formatNumberOf(result.inserted, "row")} inserted, ${formatCount(result.updated)} changed in ${visibleText(result.table)}, in ${took}.`;
  if (result.differing === 0) out.line(`${out.style("good", "Put back")}: ${rows}`);
  else {
    out.line(`${out.style("warn", "Put back with differences")}: ${rows}`);
    out.line(
      `${formatNumberOf(result.differing, "row")} came out otherwise than the archive has them: a trigger or a rule of the table did that.`,
    );
  }
  out.line(`Undo with: lifeboat jobs undo ${job.id}`);
  out.line(`or: psql -X -v ON_ERROR_STOP=1 -f ${visibleText(result.undo)}`);
}
