import { rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { formatName } from "../../shared/command/names.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { JobOutcome } from "../../shared/job/job.ts";
import { openArchive } from "../archives/open-archive.ts";
import { openStoredArchive } from "../archives/open-stored-archive.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { type Session, withSession } from "../postgres/connect.ts";
import { removeScript } from "../put-back/run-script.ts";
import { ScriptFile } from "../put-back/script-file.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { runRestore } from "../restore/restore-objects.ts";
import type { BesidePlan, RestorePlan } from "../restore/restore-plan.ts";
import { undoRestore } from "../restore/undo-restore.ts";
import { forgetUnfinished, noteUnfinished } from "../restore/unfinished.ts";
import { makePrivateFolder, syncFolder } from "../storage/durable-file.ts";
import { openToolConnection } from "../tools/tool-connection.ts";
import { arrangeScratch } from "./arrange.ts";
import { type BuiltTables, buildTables } from "./build-tables.ts";
import { dumpScratch } from "./dump-scratch.ts";
import { namesIn } from "./moves.ts";

/**
 * Brings chosen tables under another schema or name: their definitions into a scratch database, moved there by ALTER; then,
 * in one transaction of the live database, those definitions with the archive's rows. All of it comes, or nothing.
 * @throws as runRestore and buildTables; restore.missingRequirement where a part did not even come into the scratch database
 */
export async function restoreBeside(
  context: JobContext,
  plan: RestorePlan,
  beside: BesidePlan,
  services: RestoreServices,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  const undo = join(services.home.undoFolder, `${context.jobId}.sql`);
  for (const warning of plan.warnings) context.log(`warning: ${warning}`);
  const built = await throughScratch(context, plan, beside, services, async (session, build) => {
    await session.query("begin");
    const done = await build();
    await writeUndo(undo, plan, services, done.drops);
    try {
      await session.query("commit");
    } catch (error) {
      await removeScript(undo);
      throw error;
    }
    return done;
  });
  const result: RestoreResult = {
    target: { host: plan.host, port: plan.port, database: plan.database, created: false },
    archive: plan.request.archive,
    entriesChosen: plan.entries.length,
    entriesRestored: plan.entries.length,
    tables: built.tables,
    failed: [],
    notes: [],
    warnings: plan.warnings,
    command: [],
    phases: [],
    elapsedMs: Math.round(performance.now() - startedAt),
    beside: {
      schema: beside.schema,
      tables: beside.moves
        .filter(({ isChosen }) => isChosen)
        .map(({ from, to }) => ({ from: formatName(from.schema, from.name), to: formatName(to.schema, to.name) })),
      undo,
    },
  };
  return { state: "succeeded", result };
}

/** The way back is on disk before there is anything to go back from. */
async function writeUndo(
  path: string,
  plan: RestorePlan,
  { home }: RestoreServices,
  drops: readonly string[],
): Promise<void> {
  await makePrivateFolder(home.undoFolder);
  const script = await ScriptFile.create(path);
  try {
    await script.comment(
      `Drops what Lifeboat brought beside the live tables of ${plan.database}. No CASCADE: it stops where something else uses it by now.`,
    );
    await script.add(["BEGIN", ...drops, "COMMIT"].map((sql) => ({ sql })));
  } finally {
    await script.close();
  }
  await script.saveSteps();
  await syncFolder(home.undoFolder);
}

/**
 * Prepares the moved definitions in a scratch database and hands `work` a session of the live one with what builds the
 * tables in its open transaction. The scratch database is dropped whatever happens; a transaction left open is rolled back.
 */
export async function throughScratch<Done>(
  context: JobContext,
  plan: RestorePlan,
  beside: BesidePlan,
  services: RestoreServices,
  work: (session: Session, build: () => Promise<BuiltTables>) => Promise<Done>,
): Promise<Done> {
  const { home, connection } = services;
  const { target, password } = connection;
  const { scratch } = beside;
  const { signal } = context;
  const options = { applicationName: `lifeboat:${context.jobId}`, signal };
  const arrangedPath = join(home.runFolder, `beside-${context.jobId}.dump`);
  const note = {
    kind: "scratch",
    jobId: context.jobId,
    host: plan.host,
    port: plan.port,
    database: scratch.database,
  } as const;
  await noteUnfinished(home, note);
  try {
    const outcome = await runRestore(context, scratch, services);
    refuseIncomplete(plan, outcome);
    context.step("Moving the definitions");
    const taken = await withSession(target, password, options, (session) => namesIn(session, beside.schema));
    await withSession(target, password, { ...options, database: scratch.database }, (session) =>
      arrangeScratch(context, session, beside, taken),
    );
    await makePrivateFolder(home.runFolder);
    const tools = await openToolConnection(target, password, home, options.applicationName, signal);
    try {
      const from = { database: scratch.database, serverVersionNum: plan.serverVersionNum, home };
      await dumpScratch(context, tools, from, arrangedPath);
    } finally {
      await tools.dispose();
    }
    const arranged = await openArchive(arrangedPath);
    try {
      const { archive } = await openStoredArchive(plan.request.archive, services);
      try {
        const build = { moves: beside.moves, tables: plan.tables, noOwner: plan.request.noOwner };
        return await withSession(target, password, options, (session) =>
          work(session, () => buildTables(context, session, { archive, arranged }, build)),
        );
      } finally {
        await archive.close();
      }
    } finally {
      await arranged.close();
    }
  } finally {
    await rm(arrangedPath, { force: true });
    const { lines, isUndone } = await undoRestore(scratch, services);
    for (const line of lines) context.log(line);
    if (isUndone) await forgetUnfinished(home, note);
  }
}

/** What did not come into the scratch database would not come into the live one either. */
function refuseIncomplete(plan: RestorePlan, { result }: JobOutcome): void {
  const own = new Set(plan.entries);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- runRestore has just written it
  const failed = (result as RestoreResult).failed.filter(({ dumpId }) => dumpId === null || own.has(dumpId));
  const [first] = failed;
  if (first === undefined) return;
  throw new AppError(
    "restore.missingRequirement",
    `Nothing was changed: ${first.reason} (${first.desc.toLowerCase()} ${first.name}).`,
    {
      detail: failed.map(({ desc, name, reason }) => `${desc.toLowerCase()} ${name}: ${reason}`).join("\n"),
      hint: first.remedy ?? "Create what is missing first; for roles, --no-owner and --no-privileges do without them.",
    },
  );
}
