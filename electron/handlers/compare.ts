import { open } from "node:fs/promises";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName } from "../../shared/command/names.ts";
import type { ComparedRow, CompareView, PutBackPlanView } from "../../shared/contract/views.ts";
import { formatHost } from "../../shared/profile/target.ts";
import { isNumericType } from "../../shared/rows/value-type.ts";
import type { Archive } from "../archives/archive.ts";
import { openStoredArchive } from "../archives/open-stored-archive.ts";
import { compareArchives } from "../compare/compare-archives.ts";
import { compareTable } from "../compare/compare-table.ts";
import type { CompareRequest, Comparison, RowDifference } from "../compare/comparison.ts";
import { type FirstDifferences, keepFirst } from "../compare/first-differences.ts";
import type { Handlers } from "../host/served-app.ts";
import { startPutBack } from "../jobs/run-put-back.ts";
import { undoOf } from "../jobs/undo-job.ts";
import { resolveTarget } from "../profiles/resolve-connection.ts";
import { confirmPutBack } from "../put-back/kept-put-backs.ts";
import { planPutBack } from "../put-back/plan-put-back.ts";
import type { PutBackPlan } from "../put-back/put-back-plan.ts";
import { type AppServices, archiveAccess, wholePath } from "./app-services.ts";
import { secretOf } from "./databases.ts";

type CompareMethods = "compare.run" | "putBack.plan" | "putBack.start" | "putBack.undo";

/** Compares tables with live ones, and puts rows back: planned and shown first, then started exactly as shown. */
export function compareHandlers(services: AppServices): Pick<Handlers, CompareMethods> {
  const { connections, putBacks, starter, jobs, passwords, env } = services;
  const access = () => archiveAccess(services);

  async function compareWithArchive(
    path: string,
    { path: otherPath, database }: { readonly path: string; readonly database?: string | undefined },
    request: CompareRequest,
    first: FirstDifferences,
    signal: AbortSignal,
  ): Promise<CompareView> {
    const { archive } = await openStoredArchive(wholePath(path), await access());
    try {
      const { archive: whole } = await openStoredArchive(wholePath(otherPath), await access());
      try {
        const other = sameDatabase(whole, database ?? archive.databaseOf(Number(request.table)));
        const { comparison, counts } = await compareArchives(archive, other, request, first, { signal });
        const { database: compared } = other.header;
        return { ...viewOf(comparison, first.rows), counts, database: compared, where: other.path, environment: null };
      } finally {
        await whole.close();
      }
    } finally {
      await archive.close();
    }
  }

  return {
    async "compare.run"({ path, dumpId, with: choice, password, limit }, { signal }) {
      const first = keepFirst(limit);
      const request = { table: String(dumpId), liveTable: null, key: null, renames: new Map(), way: null };
      if (choice.kind === "archive") return compareWithArchive(path, choice, request, first, signal);
      const connection = await connections.resolve(choice, secretOf(password));
      const { archive } = await openStoredArchive(wholePath(path), { ...(await access()), hold: "refuse" });
      try {
        const { comparison, counts } = await compareTable(archive, connection, request, first, { signal });
        const [host] = connection.target.hosts;
        return {
          ...viewOf(comparison, first.rows),
          counts,
          database: connection.target.database,
          where: host === undefined ? "" : formatHost(host),
          environment: connection.target.environment,
        };
      } finally {
        await archive.close();
      }
    },
    async "putBack.plan"({ path, dumpId, into, password, missing, changed }, { signal }) {
      const connection = await connections.resolve(into, secretOf(password));
      const { target } = connection;
      const own = { ...(await access()), connection };
      const plan = await planPutBack(
        {
          kind: "rows",
          archive: wholePath(path),
          target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
          table: String(dumpId),
          liveTable: null,
          key: null,
          renames: {},
          missing: copyKeys(missing),
          changed: copyKeys(changed),
          bypassTriggers: false,
        },
        own,
        signal,
      );
      return planView(await putBacks.keep(plan, own), plan);
    },
    async "putBack.start"({ planId, confirmation }) {
      const { plan, services: kept } = putBacks.take(planId, confirmation);
      return { jobId: await starter.start((watch) => startPutBack(plan, kept, jobs, watch)) };
    },
    async "putBack.undo"({ jobId, password, confirmation }) {
      const undo = undoOf(jobs.get(jobId));
      const { target } = undo;
      confirmPutBack(target.environment === "production" ? target.database : null, confirmation);
      const given = secretOf(password) ?? (target.profile === null ? null : await passwords.typed(target.profile));
      const ask = () => Promise.resolve(given);
      const own = await access();
      const connection = await resolveTarget(target, { home: own.home, env, secrets: passwords.secrets, ask });
      return { jobId: await starter.start((watch) => undo.start({ ...own, connection }, jobs, watch)) };
    },
  };
}

function copyKeys(keys: readonly (readonly string[])[] | null): string[][] | null {
  return keys?.map((key) => [...key]) ?? null;
}

/** Of a script of several databases the one of that name, where it has it: a table's name alone may be in all of them. */
function sameDatabase(archive: Archive, name: string | null): Archive {
  return name !== null && archive.databases.includes(name) ? archive.database(name) : archive;
}

/** Longer values are cut: they are to be shown. */
const mostCharacters = 1000;

function viewOf(
  comparison: Comparison,
  rows: readonly RowDifference[],
): Omit<CompareView, "counts" | "database" | "where" | "environment"> {
  const { live, match, key, notes } = comparison;
  return {
    table: formatName(live.schema, live.name),
    key: key.reason,
    hasKey: key.places.length > 0,
    columns: match.compared.map(({ live: { name, type } }) => ({
      name,
      isNumeric: isNumericType(type),
    })),
    rows: rows.map((row) => rowView(row, key.places)),
    notes,
  };
}

function rowView(row: RowDifference, keyPlaces: readonly number[]): ComparedRow {
  const values = row.kind === "added" ? row.live : row.backup;
  const key = keyPlaces.flatMap((place) => values[place] ?? []);
  return {
    kind: row.kind,
    key: keyPlaces.length > 0 && key.length === keyPlaces.length ? key : null,
    backup: row.kind === "added" ? null : cut(row.backup),
    live: row.kind === "missing" ? null : cut(row.live),
    changed: row.kind === "changed" ? row.changed : [],
  };
}

function cut(row: CopyRow): CopyRow {
  return row.map((value) =>
    value !== null && value.length > mostCharacters ? `${value.slice(0, mostCharacters)}…` : value,
  );
}

const mostSqlBytes = 200_000;

async function planView(planId: string, plan: PutBackPlan): Promise<PutBackPlanView> {
  const { environment } = plan.request.target;
  const file = await open(plan.script);
  try {
    const buffer = Buffer.alloc(mostSqlBytes);
    const { bytesRead } = await file.read(buffer, 0, mostSqlBytes, 0);
    const { size } = await file.stat();
    return {
      planId,
      table: formatName(plan.table.schema, plan.table.name),
      database: plan.database,
      where: formatHost(plan),
      environment,
      missing: plan.missing,
      changed: plan.changed,
      conflicts: plan.conflicts,
      warnings: plan.warnings,
      sql: buffer.toString("utf8", 0, bytesRead),
      isSqlCut: size > bytesRead,
      typeToConfirm: environment === "production" ? plan.database : null,
    };
  } finally {
    await file.close();
  }
}
