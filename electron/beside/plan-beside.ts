import { randomBytes } from "node:crypto";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { timedName } from "../../shared/restore/database-definition.ts";
import { connect, type Session } from "../postgres/connect.ts";
import { planRestore, type RestoreServices, whyConfirm } from "../restore/plan-restore.ts";
import { findPresentObjects } from "../restore/present-objects.ts";
import type { Move, RestorePlan } from "../restore/restore-plan.ts";
import type { RestoreRequest } from "../restore/restore-request.ts";
import { movedEntries, namesIn, planMoves } from "./moves.ts";

/** Entries with data: they go straight from the archive into the live database, never through the scratch one. */
const dataKinds = new Set(["TABLE DATA", "STATISTICS DATA", "BLOB", "BLOBS", "BLOB METADATA"]);

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
  if (request.choice.kind === "everything")
    throw new AppError("restore.optionConflict", "Beside the live tables come chosen ones.", {
      hint: "Choose tables with --table, or restore everything into a new database (the default).",
    });
  const base = await planScratch(request, services, signal);
  const { target, password } = services.connection;
  const session = await connect(target, password, {
    applicationName: "lifeboat",
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await refuseWithoutScratch(session);
    const { graph } = base;
    const moved = movedEntries(graph, base.entries, base.chosen);
    if (moved.length === 0)
      throw new AppError("restore.nothingSelected", "No table, view or sequence is chosen.", {
        hint: "Functions, types and the like come along where a chosen table needs them and the database has none.",
      });
    const place = await choosePlace(session, request, new Date());
    const chosen = new Set(base.chosen);
    const moves = planMoves(moved, chosen, place, await namesIn(session, place.schema));
    const present = await findPresentObjects(session, graph);
    const movedIds = new Set(moved.map(({ dumpId }) => dumpId));
    const isOfMoved = (id: DumpId): boolean => {
      const owner = graph.ownerOf(id);
      return movedIds.has(id) || (owner !== null && isOfMoved(owner));
    };
    const needed = base.entries.filter((id) => graph.ownerOf(id) === null && !isOfMoved(id));
    const isSchema = (id: DumpId) => graph.entries.get(id)?.desc === "SCHEMA";
    const reasons = new Map(base.added.map((each) => [each.dumpId, each]));
    return {
      ...base,
      request,
      database: target.database,
      createDatabase: [],
      createSchemas: [],
      entries: base.entries.filter((id) => isOfMoved(id)),
      added: needed.flatMap((id) => (present.has(id) || isSchema(id) ? [] : (reasons.get(id) ?? []))),
      kept: needed.flatMap((id) => (present.has(id) && !isSchema(id) ? (reasons.get(id) ?? []) : [])),
      // What points at live tables would hold them; so it stays out, and there is nothing to offer.
      offered: [],
      warnings: [
        ...base.warnings,
        ...foreignKeyNotes(
          base,
          moved.map(({ dumpId }) => dumpId),
        ),
      ],
      tables: base.tables.filter(({ dataId }) => isOfMoved(dataId)),
      beside: { scratch: scratchOf(base), ...place, moves },
      touches: touchesOf(base.database, place, moves),
      undo: `lifeboat jobs undo drops what came${place.createsSchema ? ", and the schema" : ""}; nothing else was changed.`,
      confirmation: whyConfirm(request, services.connection, target.database),
    };
  } finally {
    await session.close();
  }
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
  return { ...base, entries, chosen: entries, tables: [], bytesToRead: 0 };
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
async function choosePlace(
  session: Session,
  { place }: RestoreRequest,
  now: Date,
): Promise<{ schema: string; name: string | null; createsSchema: boolean }> {
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
function foreignKeyNotes({ graph, entries }: RestorePlan, moved: readonly DumpId[]): string[] {
  const taken = new Set(entries);
  const left = moved.flatMap((id) =>
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

function touchesOf(
  scratch: string,
  { schema, createsSchema }: { schema: string; createsSchema: boolean },
  moves: readonly Move[],
): string[] {
  const names = moves.filter(({ isChosen }) => isChosen).map(({ to }) => formatName(to.schema, to.name));
  const shown = names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");
  return [
    `New: ${shown}${createsSchema ? `, in the new schema ${formatName(null, schema)}` : ""}.`,
    "The tables that are there are not touched, nor locked.",
    `The definitions go through a scratch database (${scratch}), which is dropped again; the rows go from the archive straight to their place, in one transaction.`,
  ];
}
