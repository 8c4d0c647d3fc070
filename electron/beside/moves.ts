import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { relationKinds } from "../../shared/archive/dependency-graph.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Session } from "../postgres/connect.ts";
import type { Move } from "../restore/restore-plan.ts";

/** PostgreSQL cuts names at so many bytes (NAMEDATALEN). */
const mostNameBytes = 63;

/** The chosen relations, and the partitions of chosen tables; sequences that a table owns follow it by themselves. */
export function movedEntries(
  graph: DependencyGraph,
  entries: readonly DumpId[],
  chosen: readonly DumpId[],
): TocEntry[] {
  const roots = new Set(chosen);
  const isMoved = (id: DumpId | null, depth = 0): boolean =>
    id !== null && depth < 20 && (roots.has(id) || isMoved(graph.partitionParentOf(id), depth + 1));
  return entries.flatMap((id) => {
    const entry = graph.entries.get(id);
    if (entry === undefined || !relationKinds.has(entry.desc) || !isMoved(id)) return [];
    const owner = graph.ownerOf(id);
    return entry.desc === "SEQUENCE" && owner !== null && isMoved(owner) ? [] : [entry];
  });
}

/**
 * Where each relation goes.
 * @param name of the one chosen table, where it gets another
 * @param taken names of relations that the live schema has
 * @throws restore.optionConflict, restore.objectsExist
 */
export function planMoves(
  moved: readonly TocEntry[],
  chosen: ReadonlySet<DumpId>,
  place: { readonly schema: string; readonly name: string | null },
  taken: ReadonlySet<string>,
): Move[] {
  const roots = moved.filter(({ dumpId }) => chosen.has(dumpId));
  if (place.name !== null && roots.length !== 1)
    throw new AppError("restore.optionConflict", "One name fits one table, and several are chosen.", {
      hint: "Give a schema alone; the tables keep their names in it.",
    });
  const used = new Set<string>();
  return moved.map((entry) => {
    const isChosen = chosen.has(entry.dumpId);
    const wanted = isChosen ? (place.name ?? entry.tag) : entry.tag;
    if (isChosen && taken.has(wanted))
      throw new AppError("restore.objectsExist", `The target has ${formatName(place.schema, wanted)} already.`, {
        hint: "Give another schema or name with --as.",
      });
    if (isChosen && used.has(wanted))
      throw new AppError("restore.optionConflict", `Two chosen tables are called ${formatName(null, wanted)}.`, {
        hint: "Bring them one after the other, each with --as.",
      });
    const name = isChosen ? wanted : freeName(wanted, place.name ?? "restored", new Set([...taken, ...used]));
    used.add(name);
    return {
      kind: entry.desc,
      from: { schema: entry.namespace ?? "public", name: entry.tag },
      to: { schema: place.schema, name },
      isChosen,
    };
  });
}

/** The name itself where it is free, else one made of it that PostgreSQL does not cut. */
export function freeName(name: string, word: string, taken: ReadonlySet<string>): string {
  for (let at = 0; ; at += 1) {
    const candidate = at === 0 ? name : cut(`${word}_${name}`, at === 1 ? "" : `_${at}`);
    if (!taken.has(candidate)) return candidate;
  }
}

function cut(name: string, suffix: string): string {
  let base = name;
  while (Buffer.byteLength(base + suffix) > mostNameBytes) base = Array.from(base).slice(0, -1).join("");
  return base + suffix;
}

/** Names of all relations of a schema: tables, views, sequences and indexes share them. @throws postgres.*, connection.lost */
export async function namesIn(session: Session, schema: string): Promise<Set<string>> {
  const rows = await session.query<{ name: string }>(
    `select c.relname::text as name from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1`,
    [schema],
  );
  return new Set(rows.map(({ name }) => name));
}

/** The statements that move the relations, in a database where nothing else uses them. */
export function moveStatements(moves: readonly Move[]): string[] {
  const schemas = new Set(moves.map(({ to }) => to.schema));
  return [
    ...[...schemas].map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...moves.flatMap(({ kind, from, to }) => {
      const word = alterWord(kind);
      const there = `${quoteIdentifier(to.schema)}.${quoteIdentifier(from.name)}`;
      return [
        ...(from.schema === to.schema
          ? []
          : [
              `ALTER ${word} ${quoteIdentifier(from.schema)}.${quoteIdentifier(from.name)} SET SCHEMA ${quoteIdentifier(to.schema)}`,
            ]),
        ...(from.name === to.name ? [] : [`ALTER ${word} ${there} RENAME TO ${quoteIdentifier(to.name)}`]),
      ];
    }),
  ];
}

function alterWord(kind: string): string {
  return kind === "SEQUENCE" || kind === "VIEW" || kind === "MATERIALIZED VIEW" || kind === "FOREIGN TABLE"
    ? kind
    : "TABLE";
}
