import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { nameOf } from "../../shared/archive/reasons.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { quoteIdentifier } from "../../shared/command/names.ts";
import { withSession } from "../postgres/connect.ts";
import type { RestoreServices } from "./plan-restore.ts";
import { findPresentObjects } from "./present-objects.ts";
import type { RestorePlan } from "./restore-plan.ts";

/**
 * Takes a restore back: the database made for it is dropped; from an existing one, the objects that came are dropped
 * again. None of those was there before (that was checked), and nothing else is touched: no CASCADE. Connects anew, since
 * the restore's own signal is aborted. Never throws: what could not be undone is said.
 */
export async function undoRestore(
  plan: RestorePlan,
  services: RestoreServices,
): Promise<{ readonly lines: string[]; readonly isUndone: boolean }> {
  try {
    const isNew = plan.createDatabase.length > 0;
    return { lines: isNew ? await dropDatabase(plan, services) : await dropObjects(plan, services), isUndone: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const left =
      plan.createDatabase.length > 0
        ? `The database ${plan.database}`
        : `A part of what was restored into ${plan.database}`;
    return { lines: [`${left} is still there, because it could not be removed: ${reason}`], isUndone: false };
  }
}

async function dropDatabase(plan: RestorePlan, { connection }: RestoreServices): Promise<string[]> {
  const options = { applicationName: "lifeboat", database: plan.maintenanceDatabase };
  return withSession(connection.target, connection.password, options, async (session) => {
    // Backends of the cancelled pg_restore may take a moment to notice; FORCE (from 13 on) does not wait for them.
    const force = session.serverVersionNum >= 130_000 ? " with (force)" : "";
    await session.query(`drop database if exists ${quoteIdentifier(plan.database)}${force}`);
    return [`The database ${plan.database} was removed again.`];
  });
}

async function dropObjects(plan: RestorePlan, { connection }: RestoreServices): Promise<string[]> {
  const options = { applicationName: "lifeboat", database: plan.database };
  return withSession(connection.target, connection.password, options, async (session) => {
    const present = await findPresentObjects(session, plan.graph);
    const taken = new Set(plan.entries);
    const came = plan.entries.filter((id) => present.has(id) && !goesWithOwner(plan.graph, id, taken));
    const left: string[] = [];
    /* oxlint-disable no-await-in-loop -- the reverse of the order they came in */
    for (const id of came.toReversed()) {
      const entry = plan.graph.entries.get(id);
      const statement = entry?.dropStatement ?? "";
      if (entry === undefined || !/^(DROP|ALTER) /.test(statement)) continue;
      await session.query(statement).catch(() => left.push(`${entry.desc.toLowerCase()} ${nameOf(entry)}`));
    }
    /* oxlint-enable no-await-in-loop */
    const removed = came.length - left.length;
    return [
      ...(removed > 0 ? [`What had come was removed from ${plan.database} again.`] : []),
      ...(left.length > 0 ? [`Still there, because it could not be removed: ${left.join(", ")}.`] : []),
    ];
  });
}

/** Parts are dropped with their object. */
function goesWithOwner(graph: DependencyGraph, id: DumpId, taken: ReadonlySet<DumpId>): boolean {
  const owner = graph.ownerOf(id);
  return owner !== null && taken.has(owner);
}
