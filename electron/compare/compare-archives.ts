import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, parseName, quoteIdentifier } from "../../shared/command/names.ts";
import { type ChosenKey, chooseKey } from "../../shared/compare/choose-key.ts";
import { type ColumnMatch, matchColumns, mayDifferInText } from "../../shared/compare/match-columns.ts";
import { rowColumns } from "../../shared/rows/row-columns.ts";
import type { Archive } from "../archives/archive.ts";
import { archivedRows } from "../archives/archived-rows.ts";
import { findTableData } from "../archives/find-object.ts";
import { type ComparisonResult, createCounter } from "./compare-table.ts";
import type { CompareRequest, Comparison, DifferenceSink } from "./comparison.ts";
import { createDecoder } from "./decode-differences.ts";
import type { LiveTable } from "./live-table.ts";
import { matchInParts } from "./match-in-parts.ts";
import { findKeys } from "./plan-comparison.ts";

/**
 * Compares a table's rows in an archive with those in another one, which stands where the live table does otherwise: exactly,
 * in bounded memory, without a server. A row is missing that the first has alone, added that the other has alone. Values are
 * compared as PostgreSQL wrote them.
 * @throws archive.*, compare.*, job.cancelled
 */
export async function compareArchives(
  whole: Archive,
  otherWhole: Archive,
  request: CompareRequest,
  sink: DifferenceSink,
  options: {
    readonly signal: AbortSignal;
    readonly onPlanned?: (comparison: Comparison) => void;
    readonly mostHeldBytes?: number;
  },
): Promise<ComparisonResult> {
  const entry = findTableData(whole.toc, request.table);
  const archive = whole.partOf(entry.dumpId);
  const otherEntry = findOther(otherWhole, request, entry);
  const other = otherWhole.partOf(otherEntry.dumpId);
  const live = await describeOther(other, otherEntry);
  const names = await archive.columns(entry.dumpId);
  const types = new Map(
    rowColumns(archive.toc, entry, names).flatMap(({ name, type }) => (type === null ? [] : [[name, type] as const])),
  );
  const match = matchColumns(names, types, live.columns, request.renames);
  const key = keyFor(match, live, archive, entry, request.key);
  // Bytes of a database without an encoding can be compared with their like alone.
  const takesUnknown = archive.toc.encoding === other.toc.encoding;
  const places = match.compared.map(({ index }) => index);
  const otherNames = live.columns.map(({ name }) => name);
  const otherPlaces = match.compared.map((column) => otherNames.indexOf(column.live.name));
  const comparison: Comparison = {
    live,
    archived: { schema: entry.namespace, name: entry.tag },
    match,
    key,
    way: "here",
    rows: archivedRows(archive, entry, places, { takesUnknown: takesUnknown && isWhole(otherPlaces, otherNames) }),
    notes: describeDrift(match, key),
  };
  options.onPlanned?.(comparison);
  const otherRows = archivedRows(other, otherEntry, otherPlaces, {
    takesUnknown: comparison.rows.encoding === "SQL_ASCII",
  });
  const decode = createDecoder(comparison, null);
  const counting = createCounter(sink);
  const { backup } = await matchInParts(
    () => comparison.rows.read(options.signal),
    () => otherRows.read(options.signal),
    key.places,
    { take: async (differences) => counting.take(await decode(differences)), restart: () => counting.restart() },
    options,
  );
  const { missing, changed, added } = counting.counts;
  return { comparison, counts: { missing, changed, added, same: backup - missing - changed } };
}

function isWhole(places: readonly number[], names: readonly string[]): boolean {
  return places.length === names.length && places.every((place, at) => place === at);
}

/** A dump ID means something in one archive alone: the other's table is found by its name. */
function findOther(other: Archive, { liveTable }: CompareRequest, entry: TocEntry): TocEntry {
  const wanted = liveTable === null ? null : parseName(liveTable);
  const schema = wanted === null ? entry.namespace : (wanted.schema ?? entry.namespace);
  const name = quoteIdentifier(wanted?.name ?? entry.tag);
  return findTableData(other.toc, schema === null ? name : `${quoteIdentifier(schema)}.${name}`);
}

/** The other archive's table as a live one is described. */
async function describeOther(other: Archive, entry: TocEntry): Promise<LiveTable> {
  const columns = rowColumns(other.toc, entry, await other.columns(entry.dumpId));
  return {
    schema: entry.namespace ?? "public",
    name: entry.tag,
    oid: 0,
    isPartitioned: false,
    columns: columns.map(({ name, type }) => ({
      name,
      type: type ?? "",
      isGenerated: false,
      identity: null,
      isNotNull: false,
      hasDefault: false,
    })),
    keys: findKeys(other, entry).map(({ columns: names, isPrimary }) => ({
      columns: names,
      isPrimary,
      isNotNull: isPrimary,
    })),
  };
}

/** There is no server to ask whether a key is unique that one side alone promises: whole rows are compared then. */
function keyFor(
  match: ColumnMatch,
  live: LiveTable,
  archive: Archive,
  entry: TocEntry,
  asked: readonly string[] | null,
): ChosenKey {
  const whole: ChosenKey = { places: [], reason: "whole rows are counted", isUniqueOnBoth: true };
  if (asked?.length === 0) return whole;
  const chosen = chooseKey(match.compared, live.keys, findKeys(archive, entry), asked);
  return chosen.isUniqueOnBoth ? chosen : whole;
}

function listed(columns: readonly string[]): string {
  return columns.map((column) => formatName(null, column)).join(", ");
}

function describeDrift(match: ColumnMatch, key: ChosenKey): string[] {
  const notes: string[] = [];
  if (match.dropped.length > 0) notes.push(`Only in the first archive, not compared: ${listed(match.dropped)}.`);
  if (match.added.length > 0) notes.push(`Only in the other archive, not compared: ${listed(match.added)}.`);
  for (const { column, from, to } of match.retyped)
    notes.push(`${formatName(null, column)} was ${from} and is ${to}: compared as texts.`);
  const zoned = match.compared.filter(({ live: { type } }) => /with time zone|^timetz/.test(type));
  if (zoned.length > 0 && match.compared.some(mayDifferInText))
    notes.push(
      `Times with a zone are compared as they stand, which differs where the archives were made in different zones: ${listed(zoned.map(({ archived }) => archived))}.`,
    );
  if (key.places.length === 0) notes.push("Rows are compared as wholes: a changed row is one missing and one added.");
  return notes;
}
