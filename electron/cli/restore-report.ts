import { nameOf } from "../../shared/archive/reasons.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { writeUseList } from "../../shared/archive/use-list.ts";
import { displayCommand } from "../../shared/command/display.ts";
import { formatName } from "../../shared/command/names.ts";
import type { RestoredDatabase, RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { formatBytes, formatCount, formatDuration, formatNumberOf } from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { commandsOf, sqlBefore } from "../restore/show-plan.ts";
import { resultOf } from "./ended-job.ts";
import type { Output } from "./output.ts";
import type { Cell } from "./table.ts";

/** `restore --dry-run --json` (cli.md holds target, entries, added, warnings, commands and bytesToRead; the rest may grow). */
export function planDocument(plan: RestorePlan): Record<string, unknown> {
  return {
    target: {
      host: plan.host,
      port: plan.port,
      database: plan.cluster === null ? plan.database : null,
      mode: plan.request.mode,
      serverVersionNum: plan.serverVersionNum,
    },
    archive: plan.request.archive,
    entries: [...plan.entries, ...plan.mapped],
    chosen: plan.chosen,
    added: plan.added,
    kept: plan.kept,
    offered: plan.offered,
    warnings: plan.warnings,
    sql: sqlBefore(plan),
    commands: commandsOf(plan),
    ...(plan.cluster === null
      ? { useList: writeUseList(plan.entries, plan.graph.entries) }
      : { databases: plan.cluster.parts.map(({ name, plan: part }) => ({ name, ...planDocument(part) })) }),
    tables: plan.tables.map(({ schema, name, rows }) => ({ schema, name, rows })),
    tool: plan.tool.reason,
    jobs: plan.jobs,
    bytesToRead: plan.bytesToRead,
    readsTwice: plan.readsTwice,
    ...(plan.beside === null ? {} : { moves: plan.beside.moves.map(({ from, to }) => ({ from, to })) }),
    touches: plan.touches,
    undo: plan.undo,
    confirmation: plan.confirmation,
  };
}

/** The same for people. */
export function describePlan(plan: RestorePlan, out: Output): void {
  const label = (text: string) => out.style("dim", text.padEnd(10));
  const say = (title: string, text: string) => out.line(`${label(title)}${visibleText(text)}`);
  const reads = `${formatBytes(plan.bytesToRead)} to read`;
  const twice = `up to ${reads}: to compare it before anything is touched, and again to restore it`;
  say("From", `${plan.request.archive} (${plan.readsTwice ? twice : reads})`);
  if (plan.cluster === null) {
    const where = plan.createDatabase.length > 0 ? "new database" : "existing database";
    say("Into", `${where} ${formatName(null, plan.database)} on ${plan.host}:${plan.port}`);
  } else say("Into", `${plan.database} on ${plan.host}:${plan.port}`);
  say("What", describeChosen(plan));
  const isPart = (id: DumpId) => plan.graph.ownerOf(id) !== null;
  const objects = plan.added.filter(({ dumpId }) => !isPart(dumpId));
  listEntries(out, "Also", plan.graph.entries, objects);
  shorten(describeParts(plan), 40).forEach((line, at) => {
    out.line(`${label(at === 0 ? "Parts" : "")}${visibleText(line)}`);
  });
  listEntries(out, "Kept", plan.graph.entries, plan.kept);
  listEntries(out, "Left out", plan.graph.entries, plan.offered);
  if (plan.offered.length > 0) {
    const ids = [...plan.chosen, ...plan.offered.map(({ dumpId }) => dumpId)];
    if (ids.length <= 40) say("", `to bring all of these too: --only ${ids.join(",")}`);
  }
  plan.touches.forEach((line, at) => say(at === 0 ? "Touches" : "", line));
  if (plan.undo !== null) say("Undo", plan.undo);
  for (const warning of plan.warnings) out.line(`${out.style("warn", "Note".padEnd(10))}${visibleText(warning)}`);
  say("With", plan.tool.reason);
  for (const each of plan.cluster?.parts.map((part) => part.plan) ?? [plan]) {
    for (const sql of sqlBefore(each)) say("SQL", sql);
    for (const [program = "", ...args] of commandsOf(each)) say("Command", displayCommand(program, args));
  }
  out.line();
}

function describeChosen(plan: RestorePlan): string {
  if (plan.request.choice.kind === "everything") {
    const tables = formatNumberOf(plan.tables.length, "table");
    return `everything: ${tables}, ${formatNumberOf(plan.entries.length, "entry", "entries")}`;
  }
  return shorten(plan.chosen.flatMap((id) => plan.graph.entries.get(id) ?? []).map(describeEntry), 10).join(", ");
}

/** `orders: rows, 2 keys, index, trigger`, a line for each object that brings parts. */
function describeParts(plan: RestorePlan): string[] {
  if (plan.request.choice.kind === "everything") return [];
  const parts = new Map<DumpId, Map<string, number>>();
  for (const id of plan.entries) {
    const top = topOwner(plan, id);
    const word = partWords[plan.graph.entries.get(id)?.desc ?? ""] ?? null;
    if (top === id || word === null) continue;
    const counts = parts.get(top) ?? new Map<string, number>();
    counts.set(word, (counts.get(word) ?? 0) + 1);
    parts.set(top, counts);
  }
  return [...parts].map(([id, counts]) => {
    const entry = plan.graph.entries.get(id);
    const list = [...counts].map(([word, count]) => describeCount(word, count));
    return `${entry === undefined ? id : nameOf(entry)}: ${list.join(", ")}`;
  });
}

function topOwner(plan: RestorePlan, id: DumpId): DumpId {
  let top = id;
  // An owner comes before what it owns in every chain pg_dump writes; the bound is for archives made by others.
  for (let depth = 0; depth < 10; depth += 1) top = plan.graph.ownerOf(top) ?? top;
  return top;
}

function describeCount(word: string, count: number): string {
  if (count === 1 || uncountable.has(word)) return word;
  return `${count} ${word.endsWith("x") ? `${word}es` : word.endsWith("y") && word !== "key" && word !== "foreign key" ? `${word.slice(0, -1)}ies` : `${word}s`}`;
}

const uncountable = new Set(["rows", "privileges", "planner statistics", "row security", "sequence value"]);

const partWords: Record<string, string> = {
  "TABLE DATA": "rows",
  "MATERIALIZED VIEW DATA": "rows",
  "STATISTICS DATA": "planner statistics",
  DEFAULT: "default",
  CONSTRAINT: "key",
  "CHECK CONSTRAINT": "check",
  "FK CONSTRAINT": "foreign key",
  INDEX: "index",
  STATISTICS: "extended statistic",
  TRIGGER: "trigger",
  RULE: "rule",
  POLICY: "policy",
  "ROW SECURITY": "row security",
  COMMENT: "comment",
  "SECURITY LABEL": "security label",
  ACL: "privileges",
  SEQUENCE: "sequence",
  "SEQUENCE SET": "sequence value",
  "TABLE ATTACH": "place in its partitioned table",
  BLOBS: "contents",
};

function listEntries(
  out: Output,
  title: string,
  entries: ReadonlyMap<DumpId, TocEntry>,
  explained: RestorePlan["added"],
): void {
  const lines = explained.map(({ dumpId, because }) => {
    const entry = entries.get(dumpId);
    return `${entry === undefined ? dumpId : describeEntry(entry)}: ${because}`;
  });
  shorten(lines, 40).forEach((line, at) => {
    out.line(`${out.style("dim", (at === 0 ? title : "").padEnd(10))}${visibleText(line)}`);
  });
}

function describeEntry(entry: TocEntry): string {
  return `${entry.desc.toLowerCase()} ${nameOf(entry)}`;
}

function shorten(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

const databaseStates: Record<RestoredDatabase["state"], Cell> = {
  succeeded: { text: "whole", style: "good" },
  finishedWithErrors: { text: "not whole", style: "warn" },
  failed: { text: "missing", style: "bad" },
};

/** The verdict, the rows of each table and what is missing, for people and as JSON. Throws a failed job's own error. */
export function reportRestore(job: Job, out: Output): void {
  // What became of the target is in the detail: removed, or why not.
  if (job.state === "cancelled")
    throw new AppError("job.cancelled", `${job.title}: cancelled.`, { detail: job.error?.detail });
  const result = resultOf<RestoreResult>(job);
  out.document({ jobId: job.id, state: job.state, ...result });
  const { target, databases = [] } = result;
  const came = databases.filter(({ restoredAs }) => restoredAs !== null).length;
  const database =
    target.database === null ? formatNumberOf(came, "new database") : visibleText(formatName(null, target.database));
  const whole = job.state === "succeeded";
  out.line(
    whole
      ? `${out.style("good", "Restored")} into ${database}: ${formatNumberOf(result.entriesRestored, "entry", "entries")} in ${formatDuration(result.elapsedMs)}.`
      : `${out.style("warn", "Restored with errors")} into ${database}: ${formatCount(result.entriesRestored)} of ${formatNumberOf(result.entriesChosen, "entry", "entries")} in ${formatDuration(result.elapsedMs)}.`,
  );
  if (databases.length > 0)
    out.table(
      [{ title: "Database" }, { title: "Restored as" }, { title: "" }],
      databases.map(({ name, restoredAs, state }) => [
        formatName(null, name),
        restoredAs === null ? "" : formatName(null, restoredAs),
        databaseStates[state],
      ]),
    );
  if (result.tables.length > 0)
    out.table(
      [{ title: "Table" }, { title: "In the archive", align: "right" }, { title: "Restored", align: "right" }],
      result.tables.map(({ database: inside, schema, name, rowsExpected, rowsRestored }) => [
        `${inside === undefined ? "" : `${formatName(null, inside)}: `}${formatName(schema, name)}`,
        rowsExpected === null ? "not counted" : formatCount(rowsExpected),
        rowsRestored === null ? "not counted" : formatCount(rowsRestored),
      ]),
    );
  for (const { desc, name, reason, remedy, objectIsThere } of result.failed) {
    const what = name === "" ? "pg_restore" : `${desc.toLowerCase()} ${name}`;
    const word = objectIsThere ? out.style("warn", "Not whole".padEnd(10)) : out.style("bad", "Missing".padEnd(10));
    out.line(`${word}${visibleText(what)}: ${visibleText(reason)}`);
    if (remedy !== null) out.line(`${" ".repeat(10)}${visibleText(remedy)}`);
  }
  if (result.beside !== undefined) {
    for (const { from, to } of result.beside.tables) out.line(visibleText(`${from} is there as ${to}, too.`));
    out.line(`Undo with: lifeboat jobs undo ${job.id}`);
  }
  if (result.swapped !== undefined) {
    const { old } = result.swapped;
    out.line(
      visibleText(`${result.swapped.database} is the restored one now; the one before is ${formatName(null, old)}.`),
    );
    out.line(`Undo with: lifeboat jobs undo ${job.id}`);
  }
  if (result.replaced !== undefined) {
    const { tables, safetyBackup } = result.replaced;
    out.line(visibleText(`Replaced: ${tables.join(", ")}. What was there is in ${safetyBackup.path} (pinned).`));
    out.line(`Undo with: lifeboat jobs undo ${job.id}`);
  }
  const said = [...(result.globals === undefined ? [] : [result.globals]), ...result.notes];
  for (const note of said) out.line(`${out.style("dim", "Note".padEnd(10))}${visibleText(note)}`);
  if (result.phases.length > 0)
    out.line(result.phases.map(({ name, elapsedMs }) => `${name} ${formatDuration(elapsedMs)}`).join(" · "));
}
