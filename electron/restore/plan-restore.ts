import { availableParallelism } from "node:os";
import { type DependencyGraph, readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { quoteIdentifier } from "../../shared/command/names.ts";
import type { Manifest, StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import {
  buildCreateDatabase,
  type DatabaseLocale,
  parseDatabaseDefinition,
  restoredName,
  restoredNames,
} from "../../shared/restore/database-definition.ts";
import { mapRoles } from "../../shared/restore/roles.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import type { Archive } from "../archives/archive.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { connect, type Session } from "../postgres/connect.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { hasParts, touchedParts } from "../storage/hold-to.ts";
import { chooseRestoreTool } from "../tools/choose-tool.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { comesTwice } from "../verify/hold-chosen.ts";
import { findLacks, findLocaleLacks } from "./check-target.ts";
import { databaseMeant, holdsObjects } from "./database-meant.ts";
import { joinPlans } from "./join-plans.ts";
import type { ClusterPlan, PlannedTable, RestorePlan } from "./restore-plan.ts";
import type { RestoreRequest } from "./restore-request.ts";
import { selectForTarget } from "./select-for-target.ts";

/** What planning and running a restore work with. */
export interface RestoreServices extends ArchiveAccess {
  readonly connection: ResolvedConnection;
}

/**
 * Looks at archive and target and decides everything, changing nothing. Everything of a pg_dumpall script, into new databases
 * that are given no name, is a plan for each of its databases (`cluster`).
 * @throws archive.*, connection.*, tool.*, restore.nothingSelected, restore.targetExists, restore.objectsExist,
 *   restore.missingRequirement, restore.optionConflict
 */
export async function planRestore(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const { connection, home } = services;
  const { database: meant } = request;
  const { archive: opened, manifest } = await openStoredArchive(request.archive, { ...services, database: meant });
  try {
    const parts = await planParts(opened, request, services, signal);
    if (parts !== null) return joinPlans(request, opened, parts, connection);
    const archive = databaseMeant(opened, request.choice);
    if (archive.damage !== null) throw archive.damage;
    const isNew = request.mode === "new-database";
    const session = await connectForPlanning(connection, isNew, signal);
    try {
      const graph = readDependencyGraph(archive.toc);
      const locale = parseDatabaseDefinition(databaseEntry(archive)?.definition ?? null);
      const database = isNew ? await nameNewDatabase(session, request, archive) : connection.target.database;
      const selection = await selectForTarget(session, graph, request);
      const missingSchemas = await findMissingSchemas(session, graph, selection.entries, isNew);
      const { mapped, entries } = setMappedAside(request, graph, selection.entries);
      const tool = chooseRestoreTool(
        await locateInstallations(home),
        archive.header.archiveVersion,
        session.serverVersionNum,
        { ownBackup: manifest !== null },
      );
      refuseWhatCannotBe(request, tool.version.major, session.serverVersionNum);
      const tables = planTables(graph, entries, manifest);
      const lacks = await findLacks(session, {
        entries: selection.entries.flatMap((id) => graph.entries.get(id) ?? []),
        noOwner: request.noOwner,
        noPrivileges: request.noPrivileges,
        roleMap: request.roleMap,
        serverVersionNum: session.serverVersionNum,
        sourceVersion: archive.header.serverVersion,
      });
      const bytes = await countBytes(archive, graph, selection.entries, manifest);
      const readsTwice = manifest !== null && isRemoteLocation(archive.path) && comesTwice(bytes, isNew);
      return {
        request,
        isStreamed: !archive.opensByPath,
        database,
        maintenanceDatabase: session.database,
        ...session.address,
        serverVersionNum: session.serverVersionNum,
        createSchemas: missingSchemas.map((schema) => `CREATE SCHEMA ${quoteIdentifier(schema)}`),
        createDatabase: isNew ? creations(database, locale, session.serverVersionNum) : [],
        graph,
        entries,
        chosen: selection.chosen,
        added: selection.added,
        kept: selection.kept,
        offered: selection.offered,
        warnings: [
          ...selection.warnings,
          ...missingSchemas.map((schema) => `The archive does not hold the schema ${schema}; it is created, empty.`),
          ...lacks,
          ...(isNew && request.choice.kind === "everything" ? describeLeftBehind(archive) : []),
          ...(isNew ? await findLocaleLacks(session, locale) : []),
          ...tool.warnings,
          ...(!archive.opensByPath && (request.jobs ?? 1) > 1
            ? ["The archive is encrypted or in a bucket, so pg_restore reads it as a stream, in one job."]
            : []),
        ],
        mapped,
        tables,
        tool,
        jobs: chooseJobs(request, tables.length, selection.hasLateAttach || !archive.opensByPath),
        bytesToRead: readsTwice ? 2 * bytes : bytes,
        readsTwice,
        beside: null,
        replace: null,
        swap: null,
        cluster: null,
        touches: [],
        undo: null,
        confirmation: whyConfirm(request, connection, database),
      };
    } finally {
      await session.close();
    }
  } finally {
    await opened.close();
  }
}

/** A plan for each database of a script where all of them are wanted, each in a new one; null where one is meant. */
async function planParts(
  archive: Archive,
  request: RestoreRequest,
  services: RestoreServices,
  signal: AbortSignal | undefined,
): Promise<ClusterPlan["parts"] | null> {
  const isForAll =
    request.mode === "new-database" && request.choice.kind === "everything" && request.newDatabaseName === null;
  const names = isForAll ? archive.databases.filter((name) => holdsObjects(archive.database(name))) : [];
  if (names.length < 2) return null;
  const newNames = restoredNames(names, new Date());
  const parts: { name: string; plan: RestorePlan }[] = [];
  for (const [at, name] of names.entries()) {
    const asked = { ...request, database: name, newDatabaseName: newNames[at] ?? null };
    // oxlint-disable-next-line no-await-in-loop -- each looks at the same server
    parts.push({ name, plan: await planRestore(asked, services, signal) });
  }
  return parts;
}

/**
 * For a new database any database is good to connect to. A URL that names none means that of the user's own name, which
 * often does not exist; then `postgres` serves, as it does for createdb.
 */
async function connectForPlanning(
  { target, password }: ResolvedConnection,
  isNew: boolean,
  signal: AbortSignal | undefined,
): Promise<Session & { readonly database: string }> {
  const options = { applicationName: "lifeboat", ...(signal === undefined ? {} : { signal }) };
  const open = async (database: string) =>
    Object.assign(await connect(target, password, { ...options, database }), { database });
  try {
    return await open(target.database);
  } catch (error) {
    if (!isNew || !(error instanceof AppError) || error.code !== "connection.databaseMissing") throw error;
    return open("postgres");
  }
}

function databaseEntry(archive: Archive): TocEntry | undefined {
  for (const entry of archive.toc) if (entry.desc === "DATABASE") return entry;
  return undefined;
}

/** What belongs to the database itself; pg_restore brings it only into a database of the archive's own name (--create). */
function describeLeftBehind(archive: Archive): string[] {
  const ids: DumpId[] = [];
  for (const entry of archive.toc)
    if (
      entry.desc === "DATABASE PROPERTIES" ||
      (/^(ACL|COMMENT|SECURITY LABEL)$/.test(entry.desc) && entry.tag.startsWith("DATABASE "))
    )
      ids.push(entry.dumpId);
  return ids.length === 0
    ? []
    : [`Settings, privileges and comments of the database itself are not restored (entries ${ids.join(", ")}).`];
}

/** @throws restore.targetExists */
async function nameNewDatabase(session: Session, request: RestoreRequest, archive: Archive): Promise<string> {
  const name = request.newDatabaseName ?? restoredName(archive.header.database ?? "database", new Date());
  if (new TextEncoder().encode(name).length > 63)
    throw new AppError("usage.invalid", "The new database's name is longer than PostgreSQL's 63 bytes.");
  const [found] = await session.query("select 1 from pg_catalog.pg_database where datname = $1", [name]);
  if (found === undefined) return name;
  throw new AppError("restore.targetExists", `There is a database ${name} already.`);
}

/** The archive's own locale first; then the server's, and at last C, which goes with every encoding. */
function creations(name: string, locale: DatabaseLocale, serverVersionNum: number): string[] {
  const major = Math.floor(serverVersionNum / 10_000);
  const bare = { encoding: locale.encoding, provider: null, providerLocale: null, icuRules: null };
  return [
    ...new Set([
      buildCreateDatabase(name, locale, major),
      buildCreateDatabase(name, { ...bare, collate: null, ctype: null }, major),
      buildCreateDatabase(name, { ...bare, collate: "C", ctype: "C" }, major),
    ]),
  ];
}

/** An archive made with a choice of tables (`pg_dump -t`) holds objects without the schemas they lie in. */
async function findMissingSchemas(
  session: Session,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  isNew: boolean,
): Promise<string[]> {
  const wanted = new Set<string>();
  const made = new Set(["public", "pg_catalog", "information_schema"]);
  for (const entry of entries.flatMap((id) => graph.entries.get(id) ?? [])) {
    if (entry.desc === "SCHEMA") made.add(entry.tag);
    else if (entry.namespace) wanted.add(entry.namespace);
    // CREATE EXTENSION makes its own schema, or names one that is there.
    if (entry.desc === "EXTENSION")
      made.add(/ SCHEMA ("(?:[^"]|"")+"|\S+);/.exec(entry.definition ?? "")?.[1]?.replaceAll('"', "") ?? "");
  }
  const missing = [...wanted].filter((schema) => !made.has(schema));
  if (isNew || missing.length === 0) return missing;
  const rows = await session.query<{ name: string }>(
    "select nspname::text as name from pg_catalog.pg_namespace where nspname = any ($1::text[])",
    [missing],
  );
  const there = new Set(rows.map(({ name }) => name));
  return missing.filter((schema) => !there.has(schema));
}

/** With a role map, grants and policies that name mapped roles are not pg_restore's to make: it has no such option. */
function setMappedAside(
  request: RestoreRequest,
  graph: DependencyGraph,
  entries: readonly DumpId[],
): { mapped: DumpId[]; entries: readonly DumpId[] } {
  if (Object.keys(request.roleMap).length === 0) return { mapped: [], entries };
  const isMapped = (id: DumpId) => {
    const entry = graph.entries.get(id);
    return entry !== undefined && mapRoles(entry, request.roleMap) !== (entry.definition ?? "");
  };
  const isGrant = (id: DumpId) => graph.entries.get(id)?.desc.endsWith("ACL") === true;
  const mapped = entries.filter(isMapped);
  return {
    mapped: request.noPrivileges ? mapped.filter((id) => !isGrant(id)) : mapped,
    entries: entries.filter((id) => !isMapped(id)),
  };
}

function refuseWhatCannotBe(request: RestoreRequest, toolMajor: number, serverVersionNum: number): void {
  const oneTransaction = request.singleTransaction || request.transactionSize !== null;
  if (!oneTransaction || toolMajor < 17 || serverVersionNum >= 170_000) return;
  const server = Math.floor(serverVersionNum / 10_000);
  throw new AppError(
    "restore.optionConflict",
    `pg_restore ${toolMajor}, which this archive needs, cannot restore into PostgreSQL ${server} within a transaction: its first setting (transaction_timeout) is unknown there.`,
    { hint: "Leave the transaction out; the restore then goes past that error." },
  );
}

/**
 * As many as help: one connection a table, at most four, never more than the machine's cores.
 * @param mustBeOne in parallel pg_restore does all of pre-data first, and attaching to a table with keys has to come last;
 *   and it goes back and forth in the file, which it cannot in what is decrypted on its way
 */
function chooseJobs(request: RestoreRequest, tables: number, mustBeOne: boolean): number {
  if (request.singleTransaction || request.transactionSize !== null || mustBeOne) return 1;
  if (request.jobs !== null) return request.jobs;
  return tables < 3 ? 1 : Math.min(4, availableParallelism());
}

function planTables(graph: DependencyGraph, entries: readonly DumpId[], manifest: Manifest | null): PlannedTable[] {
  const counted = new Map(manifest?.data.map((entry) => [entry.dumpId, entry]));
  return entries.flatMap((id): PlannedTable[] => {
    const entry = graph.entries.get(id);
    if (entry?.desc !== "TABLE DATA") return [];
    const { rows = null, rawBytes = null } = counted.get(id) ?? {};
    return [{ dataId: id, schema: entry.namespace, name: entry.tag, rows, rawBytes, loadedInto: rootOf(graph, entry) }];
  });
}

/** The root of a partition whose rows were dumped with `-- load via partition root`. */
function rootOf(graph: DependencyGraph, data: TocEntry): PlannedTable["loadedInto"] {
  if (!data.definition?.startsWith("-- load via partition root")) return null;
  const seen = new Set<DumpId>();
  let at = graph.ownerOf(data.dumpId);
  for (let up = at; up !== null && !seen.has(up); up = graph.partitionParentOf(up)) {
    seen.add(up);
    at = up;
  }
  const root = at === null ? undefined : graph.entries.get(at);
  return root === undefined ? null : { schema: root.namespace, name: root.tag };
}

async function countBytes(
  archive: Archive,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  manifest: Manifest | null,
): Promise<number> {
  const known = new Map(manifest?.data.map((entry) => [entry.dumpId, entry.length]));
  const withData = entries.filter((id) => graph.entries.get(id)?.hasData);
  if (withData.length === [...archive.toc].filter((entry) => entry.hasData).length) return archive.sizeBytes;
  const inParts = fileReadInParts(archive, manifest);
  const stretches = [{ start: 0, end: archive.tocBytes }];
  let bytes = archive.tocBytes;
  for (const id of withData) {
    const length = inParts === null ? known.get(id) : null;
    // oxlint-disable-next-line no-await-in-loop -- archives without offsets are searched from the front
    const range = length ? { offset: 0, length } : await archive.dataRange(id);
    bytes += range.length;
    stretches.push({ start: range.offset, end: range.offset + range.length });
  }
  if (inParts === null) return bytes;
  const { chunkBytes, sizeBytes } = inParts;
  return touchedParts(inParts, stretches).reduce(
    (sum, part) => sum + Math.min(chunkBytes, sizeBytes - part * chunkBytes),
    0,
  );
}

/** What is not sealed comes from far away in whole hashed parts, to be compared; null for everything else. */
function fileReadInParts({ path, isEncrypted }: Archive, manifest: Manifest | null): StoredFile | null {
  const file = manifest?.files.find(({ role }) => role === "archive");
  const isSo = isRemoteLocation(path) && !isEncrypted && manifest?.format === "custom";
  return isSo && file !== undefined && hasParts(file) ? file : null;
}

/** Why a person has to agree before a restore into this database; null where nobody has to. */
export function whyConfirm(request: RestoreRequest, connection: ResolvedConnection, database: string): string | null {
  if (connection.target.environment === "production") return `${database} is on a production server.`;
  return request.mode !== "new-database" ? `The objects go into the existing database ${database}.` : null;
}
