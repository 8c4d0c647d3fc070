import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, parseName } from "../../shared/command/names.ts";
import { type ChosenKey, chooseKey } from "../../shared/compare/choose-key.ts";
import { type ColumnMatch, isUnsteadyKey, matchColumns } from "../../shared/compare/match-columns.ts";
import { type ArchivedKey, parseColumnTypes, parseKey } from "../../shared/compare/table-definition.ts";
import { tableOf } from "../../shared/rows/row-columns.ts";
import type { Archive } from "../archives/archive.ts";
import { archivedRows } from "../archives/archived-rows.ts";
import { findTableData } from "../archives/find-object.ts";
import type { Session } from "../postgres/connect.ts";
import type { CompareRequest, Comparison } from "./comparison.ts";
import { readLiveTable } from "./live-table.ts";

/**
 * Finds the table on both sides, how their columns go together and by what key; reads no rows.
 * @param session prepared (live-table.ts)
 * @throws archive.*, compare.*, postgres.*
 */
export async function planComparison(whole: Archive, session: Session, request: CompareRequest): Promise<Comparison> {
  const entry = findTableData(whole.toc, request.table);
  const archive = whole.partOf(entry.dumpId);
  const wanted = request.liveTable === null ? null : parseName(request.liveTable);
  const schema = wanted?.schema ?? entry.namespace ?? "public";
  const live = await readLiveTable(session, schema, wanted?.name ?? entry.tag);
  const table = tableOf(archive.toc, entry);
  const match = matchColumns(
    await archive.columns(entry.dumpId),
    parseColumnTypes(table?.definition ?? null),
    live.columns,
    request.renames,
  );
  const key: ChosenKey =
    request.key?.length === 0
      ? { places: [], reason: "whole rows are counted", isUniqueOnBoth: true }
      : chooseKey(match.compared, live.keys, findKeys(archive, entry), request.key);
  // Without a key every column is one; their texts alone would keep rows from finding each other.
  const keyPlaces = key.places.length === 0 ? match.compared.map((_, place) => place) : key.places;
  const isUnsteady = keyPlaces.some((place) => {
    const column = match.compared[place];
    return column !== undefined && isUnsteadyKey(column);
  });
  return {
    live,
    archived: { schema: entry.namespace, name: entry.tag },
    match,
    key,
    // A temporary table without columns could not be copied into.
    way: match.compared.length === 0 ? "here" : (request.way ?? (isUnsteady ? "server" : "here")),
    rows: archivedRows(
      archive,
      entry,
      match.compared.map(({ index }) => index),
      { takesUnknown: true },
    ),
    notes: describeDrift(match, key),
  };
}

/** Keys of constraints and of unique indexes, which depend on their table or are named after it. */
export function findKeys(archive: Archive, data: TocEntry): ArchivedKey[] {
  const tableId = tableOf(archive.toc, data)?.dumpId;
  const keys: ArchivedKey[] = [];
  for (const entry of archive.toc) {
    if (entry.desc !== "CONSTRAINT" && entry.desc !== "INDEX") continue;
    if (tableId === undefined || !entry.dependencies.includes(tableId)) continue;
    const key = parseKey(entry.definition);
    if (key !== null) keys.push(key);
  }
  return keys;
}

function names(list: readonly string[]): string {
  return list.map((name) => formatName(null, name)).join(", ");
}

function describeDrift(match: ColumnMatch, key: ChosenKey): string[] {
  const notes: string[] = [];
  if (match.dropped.length > 0) notes.push(`Only in the archive, not compared: ${names(match.dropped)}.`);
  if (match.added.length > 0) notes.push(`Only in the live table, not compared: ${names(match.added)}.`);
  if (match.generated.length > 0)
    notes.push(`Computed by the live table, not in an archive: ${names(match.generated)}.`);
  if (match.dropped.length > 0 && match.added.length > 0)
    notes.push("A column that was renamed can be named: --map old=new");
  for (const { column, from, to } of match.retyped)
    notes.push(`${formatName(null, column)} was ${from} and is ${to}: compared as ${to}.`);
  if (key.places.length === 0) notes.push("Rows are compared as wholes: a changed row is one missing and one added.");
  return notes;
}
