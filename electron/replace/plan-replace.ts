import { randomBytes } from "node:crypto";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { formatBytes, formatNumberOf } from "../../shared/text/format.ts";
import { planStaged } from "../beside/plan-beside.ts";
import { withSession } from "../postgres/connect.ts";
import { quoteTable } from "../restore/count-rows.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { findPresentObjects } from "../restore/present-objects.ts";
import type { Move, ReplacedTable, RestorePlan } from "../restore/restore-plan.ts";
import type { RestoreRequest } from "../restore/restore-request.ts";
import { type Dependants, findDependants } from "./dependants.ts";
import { safetyPlaces } from "./safety-backup.ts";

/**
 * Decides how live tables are replaced by those of the archive, changing nothing.
 * @throws as planBeside; restore.missingRequirement where a table is not there to be replaced, restore.dependants where
 *   something hangs on one that cannot be carried over
 */
export async function planReplace(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const { target, password } = services.connection;
  const staging = `lifeboat_new_${randomBytes(4).toString("hex")}`;
  const staged = await planStaged(request, { schema: staging, name: null, createsSchema: true }, services, signal);
  const { beside } = staged;
  const chosen = beside.moves.filter(({ isChosen }) => isChosen);
  const odd = chosen.find(({ kind }) => kind !== "TABLE");
  if (odd !== undefined)
    throw new AppError(
      "restore.optionConflict",
      `Tables are replaced; ${nameIn(odd)} is a ${odd.kind.toLowerCase()}.`,
      {
        hint: "Choose tables; views over them are kept and read the new tables.",
      },
    );
  const options = { applicationName: "lifeboat", ...(signal === undefined ? {} : { signal }) };
  return withSession(target, password, options, async (session) => {
    const present = await findPresentObjects(session, staged.graph);
    await session.query("set search_path = ''");
    const replaced: ReplacedTable[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one session
    for (const move of chosen) replaced.push(await readReplaced(session, move));
    const dependants = await findDependants(
      session,
      replaced.map(({ oid }) => oid),
    );
    refuseObstacles(dependants, replaced);
    const keys = keysToLive(staged, beside.moves, present);
    const places = await safetyPlaces(target, services.home);
    const sequences = keys.missing.map(
      (name) => `The foreign key ${name} stays out: the database has no table that it refers to.`,
    );
    return {
      ...staged,
      entries: [...staged.entries, ...keys.entries],
      warnings: [...staged.warnings, ...sequences],
      replace: { replaced, dependants, keys: keys.entries },
      touches: touchesOf(staged.database, replaced, dependants, places.names),
      undo: "lifeboat jobs undo replaces them again, by the safety backup.",
    };
  });
}

async function readReplaced(session: Parameters<typeof findDependants>[0], { from }: Move): Promise<ReplacedTable> {
  const [found] = await session.query<{ oid: number; kind: string; rows: number; bytes: number }>(
    `select c.oid, c.relkind as kind, pg_catalog.pg_total_relation_size(c.oid) as bytes, greatest(0, c.reltuples::bigint) as rows
     from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1)`,
    [quoteTable(from.schema, from.name)],
  );
  if (found === undefined)
    throw new AppError(
      "restore.missingRequirement",
      `The database has no table ${formatName(from.schema, from.name)} to be replaced.`,
      {
        hint: "Bring it back with --mode as-is.",
      },
    );
  if (found.kind !== "r" && found.kind !== "p")
    throw new AppError(
      "restore.missingRequirement",
      `${formatName(from.schema, from.name)} is no table in the database.`,
    );
  return { ...from, oid: found.oid, rows: found.rows, bytes: found.bytes };
}

function refuseObstacles({ obstacles }: Dependants, replaced: readonly ReplacedTable[]): void {
  if (obstacles.length === 0) return;
  const names = replaced.map(({ schema, name }) => formatName(schema, name)).join(", ");
  throw new AppError(
    "restore.dependants",
    `${names} cannot be replaced while this hangs on it: ${obstacles.join("; ")}.`,
  );
}

/** The archive's foreign keys from replaced tables to live ones, with their comments, in the archive's words. */
function keysToLive(
  { graph, entries }: RestorePlan,
  moves: readonly Move[],
  present: ReadonlySet<DumpId>,
): { entries: DumpId[]; missing: string[] } {
  const taken = new Set(entries);
  const isMoved = (entry: TocEntry | undefined) =>
    moves.some(({ from }) => entry?.namespace === from.schema && entry.tag === from.name);
  const found: DumpId[] = [];
  const missing: string[] = [];
  for (const entry of graph.all) {
    if (entry.desc !== "FK CONSTRAINT" || taken.has(entry.dumpId)) continue;
    const owner = graph.ownerOf(entry.dumpId);
    if (owner === null || !isMoved(graph.entries.get(owner))) continue;
    const isWhole = graph.needsOf(entry.dumpId).every((id) => taken.has(id) || present.has(id));
    if (isWhole) found.push(entry.dumpId, ...graph.partsOf(entry.dumpId));
    else missing.push(formatName(null, entry.tag));
  }
  return { entries: found, missing };
}

function touchesOf(
  database: string,
  replaced: readonly ReplacedTable[],
  { foreignKeys, redefined }: Dependants,
  places: readonly string[],
): string[] {
  return [
    ...replaced.map(
      ({ schema, name, rows, bytes }) =>
        `Replaced: ${formatName(schema, name)} in ${formatName(null, database)}, ${rows > 0 ? `with about ${formatNumberOf(rows, "row")}, ` : ""}${formatBytes(bytes)} now. What was changed in it since the backup is gone then.`,
    ),
    ...foreignKeys.map(
      ({ table, name }) => `Foreign key ${formatName(null, name)} of ${table}: dropped, and made again.`,
    ),
    ...redefined.map(
      ({ name }) => `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}: defined again over the new table.`,
    ),
    `First a safety backup of what is replaced, in ${places.join(", ")}: read through, and pinned. Writers wait from its start to the end, readers a moment.`,
    "All of it in one transaction: it comes whole, or nothing changes.",
  ];
}

function nameIn({ from }: Move): string {
  return formatName(from.schema, from.name);
}
