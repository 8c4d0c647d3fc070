import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import {
  buildInsert,
  buildOpening,
  buildSequence,
  buildUpdate,
  type PutBackTable,
} from "../../shared/put-back/put-back-sql.ts";
import { formatNumberOf } from "../../shared/text/format.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { type ComparisonResult, compareTable } from "../compare/compare-table.ts";
import type { Comparison, RowDifference } from "../compare/comparison.ts";
import { prepareSession } from "../compare/live-table.ts";
import { withSession } from "../postgres/connect.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import { findConflicts } from "./conflicts.ts";
import type { PutBackPlan } from "./put-back-plan.ts";
import type { PutBackRequest } from "./put-back-request.ts";
import { RowSpool } from "./row-spool.ts";
import { ScriptFile } from "./script-file.ts";
import { readTableRules, type TableRules } from "./table-rules.ts";

/** What planning and running work with. */
export interface PutBackServices extends ArchiveAccess {
  readonly connection: ResolvedConnection;
}

/** So many rows are looked at for conflicts beforehand; the server looks at all of them. */
const mostLookedAt = 10_000;

/**
 * Compares the table and writes the script that puts rows back; the database is not changed. Whoever does not run the
 * plan removes its script.
 * @throws archive.*, compare.*, connection.*, postgres.*, restore.nothingSelected, restore.encoding
 */
export async function planPutBack(
  request: PutBackRequest,
  services: PutBackServices,
  signal: AbortSignal,
): Promise<PutBackPlan> {
  const { connection, home } = services;
  await makePrivateFolder(home.runFolder);
  const base = join(home.runFolder, `put-back-${randomBytes(8).toString("hex")}`);
  const { archive } = await openStoredArchive(request.archive, { ...services, hold: "refuse" });
  let gathered: Gatherer | null = null;
  try {
    const rows = await createGatherer(base, request);
    gathered = rows;
    const result = await compareTable(
      archive,
      connection,
      { ...request, renames: new Map(Object.entries(request.renames)), way: null },
      rows,
      { signal, onPlanned: (comparison) => rows.begin(comparison) },
    );
    const table = tableOf(result.comparison);
    if (rows.missing.count + rows.changed.count === 0)
      throw new AppError("restore.nothingSelected", `${describeTable(table)} has no row to be put back.`, {
        hint: "Nothing is missing, or the chosen rows are the same by now.",
      });
    const options = { applicationName: "lifeboat", signal };
    return await withSession(connection.target, connection.password, options, async (session) => {
      await prepareSession(session);
      const { live } = result.comparison;
      const rules = await readTableRules(session, live.oid, table);
      const conflicts = await findConflicts(session, live, table, rows.firstMissing);
      const script = await writeScript(`${base}.sql`, request, table, rows, rules);
      return {
        request,
        table,
        database: connection.target.database,
        ...session.address,
        counts: result.counts,
        missing: rows.missing.count,
        changed: rows.changed.count,
        key: result.comparison.key.reason,
        conflicts,
        warnings: describeWarnings(result, request, rules, rows),
        script: script.path,
        steps: script.steps,
        confirmation: whyConfirm(table, connection),
      };
    });
  } finally {
    await gathered?.remove();
    await archive.close();
  }
}

function tableOf({ live, match, key }: Comparison): PutBackTable {
  return {
    schema: live.schema,
    name: live.name,
    isPartitioned: live.isPartitioned,
    columns: match.compared.map(({ live: { name, type, isGenerated, identity } }) => ({
      name,
      type,
      isGenerated,
      isFixedIdentity: identity === "always",
    })),
    keyPlaces: key.places,
  };
}

/** Keeps the rows that are wanted as they are found. */
async function createGatherer(base: string, request: PutBackRequest) {
  const missing = await RowSpool.create(`${base}.missing`);
  const changed = await RowSpool.create(`${base}.changed`);
  const wanted = { missing: setOf(request.missing), changed: setOf(request.changed) };
  const firstMissing: CopyRow[] = [];
  const changedPlaces = new Set<number>();
  let keyPlaces: readonly number[] = [];
  let withoutKey = 0;
  let isAscii = false;
  const isWanted = (kind: "missing" | "changed", row: CopyRow): boolean => {
    if (wanted[kind]?.size === 0) return false;
    if (isAscii && row.some((value) => value !== null && /[^\0-\x7f]/.test(value))) throw unknownEncoding();
    const key = keyPlaces.map((place) => row[place] ?? null);
    if (key.includes(null)) withoutKey++;
    return !key.includes(null) && (wanted[kind]?.has(JSON.stringify(key)) ?? true);
  };
  return {
    missing,
    changed,
    firstMissing,
    changedPlaces,
    get withoutKey() {
      return withoutKey;
    },
    begin({ key, rows }: Comparison): void {
      if (key.places.length === 0)
        throw new AppError("compare.keyInvalid", "Rows without a key cannot be put back one by one.", {
          hint: "Restore the table beside the live one, or into a new database.",
        });
      keyPlaces = key.places;
      isAscii = rows.encoding === "SQL_ASCII";
    },
    async take(differences: readonly RowDifference[]): Promise<void> {
      const gone: CopyRow[] = [];
      const other: CopyRow[] = [];
      for (const each of differences) {
        if (each.kind === "missing" && isWanted("missing", each.backup)) gone.push(each.backup);
        if (each.kind !== "changed" || !isWanted("changed", each.backup)) continue;
        other.push([...each.live, ...each.backup]);
        for (const place of each.changed) changedPlaces.add(place);
      }
      firstMissing.push(...gone.slice(0, mostLookedAt - firstMissing.length));
      await missing.add(gone);
      await changed.add(other);
    },
    async restart(): Promise<void> {
      firstMissing.length = 0;
      changedPlaces.clear();
      withoutKey = 0;
      await missing.clear();
      await changed.clear();
    },
    async remove(): Promise<void> {
      await missing.remove();
      await changed.remove();
    },
  };
}

function setOf(keys: readonly (readonly string[])[] | null): ReadonlySet<string> | null {
  return keys === null ? null : new Set(keys.map((key) => JSON.stringify(key)));
}

type Gatherer = Awaited<ReturnType<typeof createGatherer>>;

function unknownEncoding(): AppError {
  return new AppError("restore.encoding", "The archive does not say what encoding its texts have.", {
    hint: "Restore the table with --mode as-is or into a new database, where bytes are kept as they are.",
  });
}

/** Changes first, so that what they free (a unique value) is free for the rows that come back. */
async function writeScript(
  path: string,
  request: PutBackRequest,
  table: PutBackTable,
  { missing, changed, changedPlaces }: Gatherer,
  rules: TableRules,
): Promise<ScriptFile> {
  const script = await ScriptFile.create(path);
  try {
    await script.comment(
      `Lifeboat puts rows back into ${describeTable(table)}: ${missing.count} missing, ${changed.count} changed.`,
    );
    await script.comment(
      "Values are those of the archive. Run it with psql -X -v ON_ERROR_STOP=1, or let Lifeboat run it.",
    );
    await script.add(buildOpening(request.bypassTriggers));
    const places = [...changedPlaces].toSorted((one, other) => one - other);
    if (changed.count > 0) await script.add(buildUpdate(table, places), changed.read());
    if (missing.count > 0) await script.add(buildInsert(table), missing.read());
    // oxlint-disable-next-line no-await-in-loop -- one file
    for (const { column, sequence, isOurs } of rules.sequences)
      if (isOurs) await script.add([buildSequence(table, column, sequence)]);
    await script.add([{ sql: "COMMIT" }]);
    await script.close();
    return script;
  } catch (error) {
    await script.close();
    await rm(path, { force: true });
    throw error;
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => formatName(null, name)).join(", ");
}

function describeWarnings(
  { comparison, counts }: ComparisonResult,
  request: PutBackRequest,
  rules: TableRules,
  { withoutKey, missing }: Gatherer,
): string[] {
  const stuck = rules.sequences.filter(({ isOurs }) => !isOurs).map(({ sequence }) => sequence);
  return [
    ...comparison.notes,
    ...(request.bypassTriggers
      ? ["No trigger fires and no foreign key is checked (session_replication_role = replica)."]
      : rules.triggers.length > 0
        ? [`These triggers fire: ${list(rules.triggers)}. They may change the rows, or do more.`]
        : []),
    ...(rules.rules.length > 0 ? [`The table has rules that act instead or too: ${list(rules.rules)}.`] : []),
    ...(stuck.length > 0 ? [`The role may not move these sequences, so they stay: ${stuck.join(", ")}.`] : []),
    ...(withoutKey > 0 ? [`${formatNumberOf(withoutKey, "row")} with NULL in the key stay out.`] : []),
    ...(request.changed?.length === 0 && counts.changed > 0
      ? [`${formatNumberOf(counts.changed, "changed row")} stay as they are; --changed puts those back, too.`]
      : []),
    ...(missing.count > mostLookedAt
      ? [`Conflicts were looked for in the first ${formatNumberOf(mostLookedAt, "row")} only.`]
      : []),
  ];
}

function whyConfirm(table: PutBackTable, { target }: ResolvedConnection): string {
  if (target.environment === "production") return `${target.database} is on a production server.`;
  return `Rows of ${describeTable(table)} in the existing database ${target.database} are changed.`;
}

function describeTable({ schema, name }: PutBackTable): string {
  return formatName(schema, name);
}
