import { randomBytes } from "node:crypto";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { timedName } from "../../shared/restore/database-definition.ts";
import { type Session, withSession } from "../postgres/connect.ts";
import { planRestore, type RestoreServices, whyConfirm } from "../restore/plan-restore.ts";
import { findPresentObjects } from "../restore/present-objects.ts";
import type { BesidePlan, Move, RestorePlan } from "../restore/restore-plan.ts";
import type { RestoreRequest } from "../restore/restore-request.ts";
import { movedEntries, namesIn, planMoves } from "./moves.ts";

/** Entries with data: they go straight from the archive into the live database, never through the scratch one. */
const dataKinds = new Set(["TABLE DATA", "STATISTICS DATA", "BLOB", "BLOBS", "BLOB METADATA"]);

/** Where tables come: a schema, and the name of the one table. */
interface Place {
  readonly schema: string;
  readonly name: string | null;
  /** The schema is not there yet. */
  readonly createsSchema: boolean;
}

/**
 * Decides how chosen tables come under another schema or name, changing nothing.
 * @throws as planRestore; restore.nothingSelected, restore.optionConflict, restore.objectsExist,
 *   restore.missingRequirement where the role may not make the scratch database
 */
export async function planBeside(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const { target, password } = services.connection;
  const options = { applicationName: "lifeboat", ...(signal === undefined ? {} : { signal }) };
  const place = await withSession(target, password, options, (session) => choosePlace(session, request, new Date()));
  const staged = await planStaged(request, place, services, signal);
  const { moves, scratch } = staged.beside;
  return {
    ...staged,
    warnings: [...staged.warnings, ...foreignKeyNotes(staged)],
    touches: touchesOf(scratch.database, place, moves),
    undo: `lifeboat jobs undo drops what came${place.createsSchema ? ", and the schema" : ""}; nothing else was changed.`,
  };
}

/**
 * The same for a place that is given, without a word on what is touched.
 * @throws as planBeside
 */
export async function planStaged(
  request: RestoreRequest,
  place: Place,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan & { readonly beside: BesidePlan }> {
  if (request.choice.kind === "everything")
    throw new AppError("restore.optionConflict", `--mode ${request.mode} takes chosen tables.`, {
      hint: "Choose tables with --table, or restore everything into a new database (the default).",
    });
  const base = await planScratch(request, services, signal);
  const { target, password } = services.connection;
  const options = { applicationName: "lifeboat", ...(signal === undefined ? {} : { signal }) };
  return withSession(target, password, options, async (session) => {
    await refuseWithoutScratch(session);
    const { graph } = base;
    const moved = movedEntries(graph, base.entries, base.chosen);
    if (moved.length === 0)
      throw new AppError("restore.nothingSelected", "No table, view or sequence is chosen.", {
        hint: "Functions, types and the like come along where a chosen table needs them and the database has none.",
      });
    const moves = planMoves(moved, new Set(base.chosen), place, await namesIn(session, place.schema));
    const present = await findPresentObjects(session, graph);
    const movedIds = new Set(moved.map(({ dumpId }) => dumpId));
    const isOfMoved = (id: DumpId): boolean => {
      const owner = graph.ownerOf(id);
      return movedIds.has(id) || (owner !== null && isOfMoved(owner));
    };
    const isSchema = (id: DumpId) => graph.entries.get(id)?.desc === "SCHEMA";
    const needed = base.entries.filter((id) => graph.ownerOf(id) === null && !isOfMoved(id) && !isSchema(id));
    const reasons = new Map(base.added.map((each) => [each.dumpId, each]));
    return {
      ...base,
      request,
      database: target.database,
      createDatabase: [],
      createSchemas: [],
      entries: base.entries.filter((id) => isOfMoved(id)),
      added: needed.flatMap((id) => (present.has(id) ? [] : (reasons.get(id) ?? []))),
      kept: needed.flatMap((id) => (present.has(id) ? (reasons.get(id) ?? []) : [])),
      // What points at live tables would hold them; so it stays out, and there is nothing to offer.
      offered: [],
      // What becomes of keys to tables that are not chosen is the mode's own to say.
      warnings: [
        ...base.warnings.filter((text) => !/^The foreign key .* is left out: /s.test(text)),
        ...(await publicationNotes(session)),
      ],
      tables: base.tables.filter(({ dataId }) => isOfMoved(dataId)),
      beside: { scratch: scratchOf(base), schema: place.schema, createsSchema: place.createsSchema, moves },
      confirmation: whyConfirm(request, services.connection, target.database),
    };
  });
}

/** As into a new database; its name is the scratch database's. */
function planScratch(request: RestoreRequest, services: RestoreServices, signal?: AbortSignal): Promise<RestorePlan> {
  const newDatabaseName = timedName("lifeboat", `scratch_${randomBytes(3).toString("hex")}`, new Date());
  return planRestore(
    { ...request, mode: "new-database", newDatabaseName, jobs: 1, singleTransaction: false, transactionSize: null },
    services,
    signal,
  );
}

/** Definitions alone. */
function scratchOf(base: RestorePlan): RestorePlan {
  const entries = base.entries.filter((id) => !dataKinds.has(base.graph.entries.get(id)?.desc ?? ""));
  return { ...base, entries, chosen: entries, tables: [], bytesToRead: 0, readsTwice: false };
}

async function refuseWithoutScratch(session: Session): Promise<void> {
  const [role] = await session.query<{ may: boolean }>(
    "select rolsuper or rolcreatedb as may from pg_catalog.pg_roles where rolname = current_user",
  );
  if (role?.may === true) return;
  throw new AppError("restore.missingRequirement", "The connected role may not create a database.", {
    detail:
      "The tables' definitions go through a scratch database, where they are moved by ALTER, and which is dropped.",
    hint: "Connect as a role with CREATEDB, or grant it: ALTER ROLE … CREATEDB.",
  });
}

/** `restored_20261128`; with the time where there is such a schema. */
async function choosePlace(session: Session, { place }: RestoreRequest, now: Date): Promise<Place> {
  const isThere = async (schema: string): Promise<boolean> => {
    const found = await session.query("select 1 from pg_catalog.pg_namespace where nspname = $1", [schema]);
    return found.length > 0;
  };
  if (place !== undefined) return { ...place, createsSchema: !(await isThere(place.schema)) };
  const digits = now.toISOString().replaceAll(/\D/g, "");
  const plain = `restored_${digits.slice(0, 8)}`;
  const schema = (await isThere(plain)) ? `${plain}_${digits.slice(8, 14)}` : plain;
  return { schema, name: null, createsSchema: true };
}

/** Keys between chosen tables come. One to a live table would keep its rows from being deleted, so it does not. */
function foreignKeyNotes({ graph, entries }: RestorePlan): string[] {
  const taken = new Set(entries);
  const left = entries.flatMap((id) =>
    [...graph.linksOf(id)].filter(
      (link) => graph.entries.get(link)?.desc === "FK CONSTRAINT" && graph.ownerOf(link) === id && !taken.has(link),
    ),
  );
  const names = left.flatMap((id) => graph.entries.get(id) ?? []).map((entry) => formatName(null, entry.tag));
  return names.length === 0
    ? []
    : [
        `Foreign keys to tables that are not chosen stay out (${names.join(", ")}): they would hold rows of the live tables.`,
      ];
}

/** A subscriber that has no such table stops at its first row. */
async function publicationNotes(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    "select pubname::text as name from pg_catalog.pg_publication where puballtables order by 1",
  );
  const names = rows.map(({ name }) => formatName(null, name)).join(", ");
  return rows.length === 0
    ? []
    : [
        `The publication ${names} is for all tables: its subscribers get the new tables' rows, and stop where they have no such table.`,
      ];
}

function touchesOf(scratch: string, { schema, createsSchema }: Place, moves: readonly Move[]): string[] {
  const names = moves.filter(({ isChosen }) => isChosen).map(({ to }) => formatName(to.schema, to.name));
  const shown = names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");
  return [
    `New: ${shown}${createsSchema ? `, in the new schema ${formatName(null, schema)}` : ""}.`,
    "The tables that are there are not touched, nor locked.",
    `The definitions go through a scratch database (${scratch}), which is dropped again; the rows go from the archive straight to their place, in one transaction.`,
  ];
}
