import { displayCommand } from "../../shared/command/display.ts";
import { formatName } from "../../shared/command/names.ts";
import { formatBytes, formatCount, formatDuration, formatNumberOf } from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { Difference, Proof } from "../demo/compare-pictures.ts";
import type { Loss } from "../demo/lose-table.ts";
import { factKinds } from "../demo/picture-queries.ts";
import type { DemoReport } from "../demo/run-demo.ts";
import type { StepId } from "../demo/step-clock.ts";
import { storyTable, type Teller } from "../demo/story.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import type { Cli } from "./cli.ts";
import type { Output } from "./output.ts";
import { describePlan } from "./restore-report.ts";
import type { Cell } from "./table.ts";

const table = formatName(storyTable.schema, storyTable.name);

const titles: Record<StepId, string> = {
  tools: "Find the tools",
  sample: "Start the sample database",
  backup: "Back it up",
  look: "Look inside the backup",
  drop: "Lose a table",
  restore: "Bring it back",
  proof: "Prove it",
};
const stepIds: readonly string[] = Object.keys(titles);

/** Columns of the story's table that say most in little room. */
const shownColumns = ["order_id", "customer_id", "status", "placed_at", "total"];

/** Tells the story to people as it goes on; silent under --json. */
export function createDemoTeller(cli: Cli): Teller {
  const { out } = cli;
  const lifeboat = programName(cli.env);
  const say = (...lines: string[]): void => out.line(lines.map(visibleText).join("\n"));
  const command = (text: string): void => out.line(out.style("dim", `$ ${visibleText(text)}`));
  const sampleUrl = `"$(${lifeboat} sample url)"`;
  const note = (text: string): void => {
    if (!out.json) out.note(out.styleNote("dim", visibleText(text)));
  };
  return {
    begin(step) {
      if (step === "tools") say("Lifeboat on a sample database of its own. Nothing of yours is touched.");
      out.line(`\n${out.style("bold", `${stepIds.indexOf(step) + 1}. ${titles[step]}`)}`);
      if (step === "tools") command(`${lifeboat} doctor`);
      if (step === "sample") command(`${lifeboat} sample start`);
      if (step === "backup") command(`${lifeboat} backup --url ${sampleUrl}`);
    },
    toolChosen: (tool) => say(`${tool.reason}: ${tool.path}`),
    samplePhase: (phase) =>
      note(
        {
          initdb: "Making a data folder for it …",
          start: "Starting its server …",
          load: "Filling the shop with 50,000 orders …",
        }[phase],
      ),
    sampleIncomplete: (missing) =>
      say(
        `The sample was changed and lacks ${missing.join(", ")}.`,
        "It is made anew for this story; other changes in it are gone with that.",
      ),
    sampleReady({ version, database, wasRunning }) {
      say(
        `PostgreSQL ${version} ${wasRunning ? "was running already" : "is running"}; the network does not reach it.`,
        `Its database ${database} has customers, products and orders.`,
      );
    },
    backedUp(backup) {
      const rows = backup.rows === null ? "" : `, ${formatNumberOf(backup.rows, "row")}`;
      say(
        `${backup.database} is backed up: ${formatNumberOf(backup.tables, "table")}${rows}, ${formatBytes(backup.sizeBytes)}, in ${formatDuration(backup.elapsedMs)}.`,
        `File  ${backup.path}`,
        `Id    ${backup.id}`,
      );
    },
    lookedInside({ entries, openedInMs, tables, rows }, { id }) {
      command(`${lifeboat} contents ${id}`);
      say(
        `Lifeboat's own reader opened the archive in ${formatDuration(Math.max(1, openedInMs))}: ${formatNumberOf(entries, "entry", "entries")}.`,
        "That takes no server and no pg_restore.",
        "",
      );
      out.table(
        [
          { title: "Table" },
          { title: "Rows", align: "right" },
          { title: "As text", align: "right" },
          { title: "In the archive", align: "right" },
        ],
        tables.map(({ schema, name, rows: count, rawBytes, storedBytes }) => [
          formatName(schema, name),
          count === null ? "" : formatCount(count),
          rawBytes === null ? "" : formatBytes(rawBytes),
          formatBytes(storedBytes),
        ]),
      );
      out.line();
      command(`${lifeboat} rows ${id} ${rows.table} --limit ${rows.first.length}`);
      const shown = rows.columns.flatMap((name, at) => (shownColumns.includes(name) ? [{ name, at }] : []));
      out.table(
        shown.map(({ name }) => ({ title: name })),
        rows.first.map((row) => shown.map(({ at }) => row[at] ?? "NULL")),
      );
      if (shown.length < rows.columns.length)
        out.line(out.style("dim", `${shown.length} of its ${rows.columns.length} columns.`));
    },
    beforeLoss(picture) {
      const rows = [...picture.rows.values()].reduce((sum, { count }) => sum + count, 0);
      say(
        "First all that is there is noted, to prove the end with:",
        `${formatNumberOf(rows, "row")}, and ${formatNumberOf(picture.facts.length, "fact")} about columns, keys, grants and the like.`,
      );
    },
    lost(loss) {
      command(`psql ${sampleUrl} -c ${displayCommand(loss.sql, [])}`);
      describeLoss(loss, out);
    },
    restorePlanned(plan, { id }) {
      const choice = choiceOf(plan).map((name) => displayCommand(name, []));
      command(`${lifeboat} restore ${id} --into ${sampleUrl} --mode as-is ${choice.join(" ")}`);
      say(
        "What only reads the table is asked for by name.",
        "Lifeboat finds the rest, and says why it comes or stays:",
        "",
      );
      describePlan(plan, out);
    },
    restored(result) {
      const entries =
        result.entriesRestored === result.entriesChosen
          ? `All ${formatNumberOf(result.entriesChosen, "entry", "entries")} are`
          : `${formatCount(result.entriesRestored)} of ${formatNumberOf(result.entriesChosen, "entry", "entries")} are`;
      const rows = result.tables.reduce((sum, { rowsRestored }) => sum + (rowsRestored ?? 0), 0);
      say(`${entries} back, with ${formatNumberOf(rows, "row")}, in ${formatDuration(result.elapsedMs)}.`);
      for (const { desc, name, reason } of result.failed) say(`Missing: ${desc.toLowerCase()} ${name}: ${reason}`);
    },
    proved: (proof) => describeProof(proof, out),
    puttingBack: () => note(`Putting ${table} back first.`),
    leftIncomplete: ({ path }) =>
      note(
        `${table} is still missing from the sample. The backup is whole: ${path}\nThe next ${lifeboat} demo makes the sample anew.`,
      ),
  };
}

/** What was done, how long it took, and how to look further. */
export function reportDemo(report: DemoReport, cli: Cli): void {
  const { out } = cli;
  const lifeboat = programName(cli.env);
  const { backup, steps, elapsedMs, proof, sample } = report;
  out.line();
  out.table(
    [{ title: "What was done" }, { title: "Took", align: "right" }],
    [
      ...steps.map(({ id, elapsedMs: took }) => [titles[id], formatDuration(took)]),
      [
        { text: "All of it", style: "bold" as const },
        { text: formatDuration(elapsedMs), style: "bold" as const },
      ],
    ],
  );
  const home = cli.env["LIFEBOAT_HOME"];
  out.line(
    [
      "",
      proof.same
        ? out.style("good", `${table} was lost and is back. Everything is as it was.`)
        : out.style("bad", `Not everything is as it was: see above. The backup is whole.`),
      sample.wasRunning ? "The sample runs on, as before." : "The sample is stopped again; it and the backup are kept.",
      "",
      "To look further:",
      ...(home === undefined || home === "" ? [] : [`  export ${displayCommand(`LIFEBOAT_HOME=${home}`, [])}`]),
      `  ${lifeboat} contents ${backup.id}`,
      `  ${lifeboat} definition ${backup.id} ${table}`,
      `  ${lifeboat} rows ${backup.id} public.customers`,
      `  ${lifeboat} verify ${backup.id}`,
      ...(sample.wasRunning ? [] : [`  ${lifeboat} sample start`]),
    ].join("\n"),
  );
}

/** `demo --json`. */
export function demoDocument(report: DemoReport): Record<string, unknown> {
  const { sample, backup, view, loss, restored, proof, steps, elapsedMs } = report;
  const { version, url, database, wasRunning, missing } = sample;
  return {
    proved: proof.same,
    elapsedMs,
    steps: steps.map(({ id, elapsedMs: took }) => ({ id, title: titles[id], elapsedMs: took })),
    sample: { version, url, database, wasRunning, running: wasRunning, madeAnewFor: missing },
    backup,
    contents: {
      ...view,
      openedInMs: Math.ceil(view.openedInMs),
      rows: { ...view.rows, readInMs: Math.ceil(view.rows.readInMs) },
    },
    lost: loss,
    restored,
    proof,
  };
}

function describeLoss({ gone, rows }: Loss, out: Output): void {
  out.line(`${table} is gone with its ${formatNumberOf(rows, "row")}. CASCADE took what depends on it too:\n`);
  const listed = gone.filter(({ kind }) => !counted.has(kind));
  out.table(
    [{ title: "Gone" }, { title: "Name" }, { title: "Of" }],
    listed.map(({ kind, name, on }) => [kind, name, on ?? ""]),
  );
  const counts = Object.entries(factKinds).flatMap(([kind, plural]) => {
    const count = counted.has(kind) ? gone.filter((each) => each.kind === kind).length : 0;
    return count === 0 ? [] : [formatNumberOf(count, kind, plural)];
  });
  out.line(`and ${counts.join(", ")} on them.`);
}

/** Too many to name each. */
const counted: ReadonlySet<string> = new Set(["column", "default", "comment", "privilege", "rows"]);

/** `--table public.orders --table analytics.monthly_sales`, as words of a command. */
function choiceOf({ request }: RestorePlan): string[] {
  if (request.choice.kind === "everything") return [];
  const { tables, dumpIds } = request.choice;
  return [
    ...tables.flatMap(({ schema, name }) => ["--table", formatName(schema, name)]),
    ...(dumpIds.length === 0 ? [] : ["--only", dumpIds.join(",")]),
  ];
}

function describeProof(proof: Proof, out: Output): void {
  const lost = proof.rows.filter(({ wasLost }) => wasLost);
  const others = proof.rows.filter(({ wasLost }) => !wasLost);
  const total = (side: "before" | "after") =>
    formatCount(others.reduce((sum, rows) => sum + (rows[side]?.count ?? 0), 0));
  out.line("The database before the drop and now, from its catalogue and from every row in order:\n");
  out.table(
    [
      { title: "" },
      { title: "Before", align: "right" },
      { title: "Now", align: "right" },
      { title: "" },
      { title: "md5 of the rows" },
    ],
    [
      ...lost.map(({ table: name, before, after, same }) => [
        `rows of ${name}`,
        formatCount(before?.count ?? 0),
        after === null ? "none" : formatCount(after.count),
        verdictOn(same),
        same ? (before?.md5 ?? "") : `${before?.md5 ?? "none"}, now ${after?.md5 ?? "none"}`,
      ]),
      [
        `rows of the other ${formatNumberOf(others.length, "table")}`,
        total("before"),
        total("after"),
        verdictOn(others.every(({ same }) => same)),
        "compared table by table",
      ],
      ...proof.kinds.map(({ kind, before, after, same }) => [
        factKinds[kind],
        formatCount(before),
        formatCount(after),
        verdictOn(same),
      ]),
    ],
  );
  if (proof.differences.length > 0)
    out.line(["", ...proof.differences.slice(0, 20).flatMap(describeDifference)].join("\n"));
}

function verdictOn(same: boolean): Cell {
  return same ? { text: "same", style: "good" } : { text: "differs", style: "bad" };
}

function describeDifference({ kind, name, on, before, after }: Difference): string[] {
  const of = on === null ? "" : ` of ${on}`;
  return [`${kind} ${name}${of}`, `  before  ${before ?? "not there"}`, `  now     ${after ?? "not there"}`].map(
    visibleText,
  );
}

/** As the person called it: `npx lifeboat` in a checkout. */
function programName(env: NodeJS.ProcessEnv): string {
  return env["npm_command"] === "exec" ? "npx lifeboat" : "lifeboat";
}
