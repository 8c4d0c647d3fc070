import { join, resolve } from "node:path";
import { entryColumns } from "../../shared/archive/entry-columns.ts";
import { named, relationsOf } from "../../shared/archive/relations.ts";
import { type Choice, selectFrom } from "../../shared/archive/selection.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { RowsPage } from "../../shared/contract/views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive } from "../archives/archive.ts";
import { dataSizes } from "../archives/data-sizes.ts";
import { definitionOf, scriptOf } from "../archives/object-definition.ts";
import { typedDatabasusKeyAccount, typedPassphraseAccount } from "../encryption/backup-passphrase.ts";
import type { ClientSession, Handlers } from "../host/served-app.ts";
import { startExport } from "../jobs/run-export.ts";
import { startSaveBytes } from "../jobs/run-save-bytes.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import { holdsObjects } from "../restore/database-meant.ts";
import { columnsOf } from "../rows/read-rows.ts";
import { type AppServices, archiveAccess, keyRing, wholePath } from "./app-services.ts";
import { viewOfBackup } from "./backup-views.ts";
import { secretOf } from "./databases.ts";
import { createOpenedArchives, type OpenedArchive, type OpenedArchives } from "./opened-archives.ts";

type ArchiveMethods =
  | "archives.recent"
  | "archives.forget"
  | "archive.open"
  | "archive.close"
  | "archive.entries"
  | "archive.definition"
  | "archive.rows"
  | "archive.export"
  | "archive.largeObjects"
  | "archive.saveBytes"
  | "archive.relations"
  | "archive.closure";

const kept = Symbol("opened archives");

function opened(session: ClientSession): OpenedArchives {
  return session.keep(kept, createOpenedArchives, (archives) => archives.closeAll());
}

/** Looks inside archives. Each window has its own open; nothing of an archive is executed. */
export function archiveHandlers(services: AppServices): Pick<Handlers, ArchiveMethods> {
  /** A list that cannot be written is no reason to keep an archive shut. */
  async function remember({ path, sizeBytes, header: { database, createdAt } }: Archive): Promise<void> {
    const openedAt = new Date().toISOString();
    await services.recent.remember({ path, database, createdAt, sizeBytes, openedAt }).catch(() => {});
    services.changed("opened");
  }

  return {
    "archives.recent": () => services.recent.list(),
    async "archives.forget"({ archive }) {
      await services.recent.forget(archive);
      services.changed("opened");
      return null;
    },
    async "archive.open"({ path, passphrase, databasusKey }, session) {
      const home = await services.home();
      // oxlint-disable-next-line no-await-in-loop -- into memory
      for (const [account, typed] of [
        [typedPassphraseAccount(home), secretOf(passphrase)],
        [typedDatabasusKeyAccount(home), secretOf(databasusKey)],
      ] as const)
        if (typed !== null) await services.secrets.type(account, typed);
      const { handle, archive, manifest } = await opened(session).open(wholePath(path), await archiveAccess(services));
      const { header } = archive;
      void remember(archive);
      const profiles = await openProfileStore(await services.home())
        .list()
        .catch(() => []);
      return {
        handle,
        path: archive.path,
        sizeBytes: archive.sizeBytes,
        format: header.format,
        archiveVersion: header.archiveVersion,
        compression: header.compression,
        createdAt: header.createdAt,
        database: header.database,
        serverVersion: header.serverVersion,
        databases: archive.databases.filter((name) => holdsObjects(archive.database(name))),
        dumpVersion: header.dumpVersion,
        entryCount: archive.toc.length,
        backup: manifest === null ? null : viewOfBackup(manifest, archive.path, profiles),
      };
    },
    async "archive.close"({ handle }, session) {
      await opened(session).close(handle);
      return null;
    },
    async "archive.entries"({ handle }, session) {
      const found = opened(session).get(handle);
      const { archive, manifest } = found;
      const rows = new Map<DumpId, number>();
      for (const entry of manifest?.data ?? []) if (entry.rows !== null) rows.set(entry.dumpId, entry.rows);
      const databaseOf = archive.databases.length === 0 ? null : (id: DumpId) => archive.databaseOf(id);
      return entryColumns(archive.toc, found.graph(), { bytes: await dataSizes(archive, manifest), rows }, databaseOf);
    },
    async "archive.definition"({ handle, dumpId }, session) {
      const found = opened(session).get(handle);
      const { toc } = found.archive;
      const entry = toc.byDumpId(dumpId);
      if (entry === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${dumpId}.`);
      return { sql: scriptOf(definitionOf(toc, entry, found.graph())) };
    },
    "archive.rows": async (args, session) => readPage(opened(session).get(args.handle), args),
    async "archive.export"({ handle, dumpId, format, where, search, folder, fileName }, session) {
      const { env, jobs, starter } = services;
      const found = opened(session).get(handle).archive;
      const entry = found.toc.byDumpId(dumpId);
      if (entry === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${dumpId}.`);
      const access = { home: await services.home(), env, keys: await keyRing(services) };
      const output = join(resolve(folder), fileName);
      const request = {
        archive: found.path,
        table: formatName(entry.namespace, entry.tag),
        format,
        where,
        search,
        limit: null,
        output,
      };
      return {
        jobId: await starter.start((watch) => startExport({ ...request, overwrite: false }, access, jobs, watch)),
      };
    },
    "archive.largeObjects": async ({ handle, dumpId, offset, limit }, session) =>
      opened(session).get(handle).largeObjects(dumpId).read(offset, limit),
    async "archive.saveBytes"({ handle, bytesOf, folder, fileName }, session) {
      const { env, jobs, starter } = services;
      const found = opened(session).get(handle).archive;
      const access = { home: await services.home(), env, keys: await keyRing(services) };
      const output = join(resolve(folder), fileName);
      const title = await titleOf(found, bytesOf);
      const request = { archive: found.path, bytesOf, title, output };
      return { jobId: await starter.start((watch) => startSaveBytes(request, access, jobs, watch)) };
    },
    "archive.relations": async ({ handle, dumpId }, session) =>
      relationsOf(opened(session).get(handle).graph(), dumpId),
    async "archive.closure"({ handle, choice }, session) {
      const graph = opened(session).get(handle).graph();
      const { added, offered, warnings } = selectFrom(graph, fullChoice(choice));
      return { added: named(graph, added), offered: named(graph, offered), warnings };
    },
  };
}

/** What is saved, in a few words. @throws archive.objectNotFound */
async function titleOf(archive: Archive, bytesOf: ArgsOf<"archive.saveBytes">["bytesOf"]): Promise<string> {
  if (bytesOf.kind === "largeObject") return `large object ${bytesOf.oid}`;
  const { dumpId, column } = bytesOf;
  const entry = archive.toc.byDumpId(dumpId);
  const name = entry === undefined ? undefined : (await columnsOf(archive, dumpId))[column]?.name;
  if (entry === undefined || name === undefined)
    throw new AppError("archive.objectNotFound", "The archive has no such column.");
  return `a value of ${formatName(entry.namespace, entry.tag)}, ${formatName(null, name)}`;
}

/** The window names entries; names and schemas are the command line's way. */
export function fullChoice(choice: ArgsOf<"archive.closure">["choice"]): Choice {
  return choice.kind === "everything" ? choice : { ...choice, tables: [], schemas: [] };
}

/** Longer values are cut: a page is to be shown, and a value may have a gigabyte. */
const mostCharacters = 4000;

async function readPage(found: OpenedArchive, args: ArgsOf<"archive.rows">): Promise<RowsPage> {
  const { archive, pages } = found;
  const { dumpId, where, search, offset, limit } = args;
  const columns = await columnsOf(archive, dumpId);
  const { rows, isEnd, readRows } = await pages.read(dumpId, { where, search }, offset, limit);
  const cut: [number, number][] = [];
  const shown = rows.map((row, at) =>
    row.map((value, column) => {
      if (value === null || value.length <= mostCharacters || args.whole === true) return value;
      cut.push([at, column]);
      return value.slice(0, mostCharacters);
    }),
  );
  return { columns, rows: shown, cut, isEnd, readRows, damage: found.damage() };
}
