import { parseListedIds } from "../../shared/archive/use-list.ts";
import { buildListArgs } from "../../shared/command/restore-command.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { Archive } from "../archives/archive.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { runPgRestore } from "./run-pg-restore.ts";

/**
 * Has pg_restore list what it would restore. It takes a list with unknown ids or bad lines, says so in passing and goes
 * on, so it is asked first.
 * @throws restore.lineIgnored unless that is exactly the plan's entries in their order
 */
export async function checkList(
  context: JobContext,
  plan: RestorePlan,
  listPath: string,
  archive: Archive,
): Promise<void> {
  const lines: string[] = [];
  const exit = await runPgRestore(plan, archive, "list", {
    args: buildListArgs(listPath, plan.isStreamed ? null : plan.request.archive),
    env: { LC_ALL: "C" },
    stdout: (line) => lines.push(line),
    signal: context.signal,
    phase: "read",
    onSpawn: (pid) => context.recordChild(pid),
  });
  if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_restore", exit, "read");
  const listed = parseListedIds(lines.join("\n"));
  const same = listed.length === plan.entries.length && listed.every((id, at) => id === plan.entries[at]);
  if (same && !exit.stderr.includes("line ignored")) return;
  const taken = new Set(listed);
  const missing = plan.entries.filter((id) => !taken.has(id));
  throw new AppError("restore.lineIgnored", "pg_restore would not restore exactly what was chosen.", {
    detail: missing.length > 0 ? `Not taken: entries ${missing.join(", ")}` : exit.stderr.slice(0, 2000),
  });
}
