import type { Toc } from "../archive/toc.ts";
import type { TocEntry } from "../archive/toc-entry.ts";
import { normalColumnLine, normalDefinition } from "./normal-definition.ts";
import { parseColumnLines } from "./table-definition.ts";

/** A column of a table that is on both sides. A definition is null on the side that does not have the column. */
export interface ColumnDifference {
  readonly column: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** An object that is not the same on both sides. */
export interface SchemaDifference {
  /** `added`: on the second side alone. */
  readonly kind: "added" | "removed" | "changed";
  /** As pg_dump calls it: `TABLE`, `INDEX`, `FK CONSTRAINT`. */
  readonly desc: string;
  /** Whole: `public.orders`, `public.discount(numeric, integer)`, `public.orders orders_pkey`. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of a table that is on both sides; empty where only their order or something else differs. */
  readonly columns: readonly ColumnDifference[];
}

export interface SchemaDiff {
  /** By kind of object and name. */
  readonly differences: readonly SchemaDifference[];
  readonly same: number;
}

/** Entries that are no part of a schema: settings of the dump, the database itself, and what stands for data. */
const notSchema = new Set([
  "ENCODING",
  "STDSTRINGS",
  "SEARCHPATH",
  "DATABASE",
  "DATABASE PROPERTIES",
  "SEQUENCE SET",
  "MATERIALIZED VIEW DATA",
  "STATISTICS DATA",
  "BLOB",
  "BLOB METADATA",
  "BLOBS",
  "BLOB COMMENTS",
]);

/**
 * What differs between the definitions in two archives. Definitions are compared as pg_dump wrote them, but for what its
 * versions write differently (normalDefinition); owners are not compared. Objects of the same name (operators) are told apart by their definitions.
 */
export function diffSchemas(before: Toc, after: Toc): SchemaDiff {
  const [first, second] = [groupEntries(before), groupEntries(after)];
  const differences: SchemaDifference[] = [];
  let same = 0;
  for (const key of new Set([...first.keys(), ...second.keys()])) {
    const { ones, others, shared } = withoutEqual(first.get(key) ?? [], second.get(key) ?? []);
    same += shared;
    for (let at = 0; at < Math.max(ones.length, others.length); at++) {
      const difference = differenceOf(ones[at], others[at]);
      if (difference !== null) differences.push(difference);
    }
  }
  return { differences: differences.toSorted(byObject), same };
}

function groupEntries(toc: Toc): Map<string, TocEntry[]> {
  const groups = new Map<string, TocEntry[]>();
  for (const entry of toc) {
    if (!isSchema(entry)) continue;
    const key = JSON.stringify([entry.desc, entry.namespace, entry.tag]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** Comments and privileges of large objects are theirs, and those are data. */
function isSchema(entry: TocEntry): boolean {
  if (notSchema.has(entry.desc) || entry.section === "data" || comparedOf(entry) === "") return false;
  return !(entry.namespace === null && /^LARGE OBJECTS? /.test(entry.tag));
}

/** What is left of two groups when those with the same definition have found each other. */
function withoutEqual(
  before: readonly TocEntry[],
  after: readonly TocEntry[],
): { readonly ones: TocEntry[]; readonly others: TocEntry[]; readonly shared: number } {
  const others = [...after];
  const ones = before.filter((entry) => {
    const at = others.findIndex((other) => comparedOf(other) === comparedOf(entry));
    if (at >= 0) others.splice(at, 1);
    return at < 0;
  });
  return { ones, others, shared: before.length - ones.length };
}

function differenceOf(before: TocEntry | undefined, after: TocEntry | undefined): SchemaDifference | null {
  const entry = before ?? after;
  if (entry === undefined) return null;
  return {
    kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    desc: entry.desc,
    name: entry.namespace === null ? entry.tag : `${entry.namespace}.${entry.tag}`,
    before: before === undefined ? null : definitionOf(before),
    after: after === undefined ? null : definitionOf(after),
    columns: before?.desc === "TABLE" && after !== undefined ? diffColumns(before, after) : [],
  };
}

function diffColumns(before: TocEntry, after: TocEntry): ColumnDifference[] {
  const [ones, others] = [parseColumnLines(before.definition), parseColumnLines(after.definition)];
  const differences: ColumnDifference[] = [];
  for (const column of new Set([...ones.keys(), ...others.keys()])) {
    const [one, other] = [ones.get(column) ?? null, others.get(column) ?? null];
    const isSame = one !== null && other !== null && normalColumnLine(one) === normalColumnLine(other);
    if (!isSame) differences.push({ column, before: one, after: other });
  }
  return differences;
}

function comparedOf({ desc, definition }: TocEntry): string {
  return normalDefinition(desc, definition);
}

function definitionOf({ definition }: TocEntry): string {
  return (definition ?? "").trim();
}

function byObject(one: SchemaDifference, other: SchemaDifference): number {
  const [first, second] = [keyOf(one), keyOf(other)];
  return first === second ? 0 : first < second ? -1 : 1;
}

/** Tables before what stands on them. */
function keyOf({ desc, name }: SchemaDifference): string {
  return `${desc === "TABLE" ? 0 : 1}\u0000${desc}\u0000${name}`;
}
