import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName } from "../../shared/command/names.ts";
import { formatCount } from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { Comparison, ComparisonCounts, RowDifference } from "../compare/comparison.ts";
import type { Output } from "./output.ts";
import type { Cell } from "./table.ts";

/** `compare --json` (cli.md holds table, key, missing, changed, added, same; the rest may grow). */
export function comparisonDocument(
  comparison: Comparison,
  counts: ComparisonCounts,
  rows: readonly RowDifference[] | null,
): Record<string, unknown> {
  const { live, key, match, way, notes } = comparison;
  const { dropped, added, generated, renamed, retyped } = match;
  return {
    table: formatName(live.schema, live.name),
    key: key.places.map((place) => columnNames(comparison)[place]),
    ...counts,
    keyReason: key.reason,
    way,
    columns: columnNames(comparison),
    drift: { dropped, added, generated, renamed, retyped },
    notes,
    ...(rows === null ? {} : { rows: rows.map((row) => rowDocument(comparison, row)) }),
  };
}

function rowDocument(comparison: Comparison, row: RowDifference): Record<string, unknown> {
  const names = columnNames(comparison);
  const named = (values: CopyRow) => Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));
  return {
    kind: row.kind,
    backup: row.kind === "added" ? null : named(row.backup),
    live: row.kind === "missing" ? null : named(row.live),
    changed: row.kind === "changed" ? row.changed.map((place) => names[place]) : [],
  };
}

/** The same for people: what is compared, before it is. */
export function describeComparison(
  comparison: Comparison,
  archive: string,
  where: string,
  out: Output,
  other: "Live" | "Other" = "Live",
): void {
  const label = (text: string) => out.style("dim", text.padEnd(10));
  const { live, archived, key, notes } = comparison;
  out.line(`${label("Backup")}${visibleText(`${formatName(archived.schema, archived.name)} in ${archive}`)}`);
  out.line(`${label(other)}${visibleText(`${formatName(live.schema, live.name)} in ${where}`)}`);
  out.line(`${label("By")}${visibleText(key.reason)}`);
  for (const note of notes) out.line(`${out.style("warn", "Note".padEnd(10))}${visibleText(note)}`);
  out.line();
}

/** How many rows of each kind. */
export function describeCounts(counts: ComparisonCounts, out: Output, other = "live table"): void {
  const line = (kind: keyof ComparisonCounts, meaning: string): Cell[] => [kind, formatCount(counts[kind]), meaning];
  out.table(
    [{ title: "rows" }, { title: "count", align: "right" }, { title: "" }],
    [
      line("missing", `in the backup, not in the ${other}`),
      line("changed", "in both, with other values"),
      line("added", `in the ${other}, not in the backup`),
      line("same", "alike in both"),
    ],
  );
}

/** Differing rows, each kind under its own title. A changed column shows both values. */
export function describeRows(
  comparison: Comparison,
  counts: ComparisonCounts,
  rows: readonly RowDifference[],
  out: Output,
): void {
  const columns = columnNames(comparison).map((title) => ({ title }));
  for (const kind of ["missing", "changed", "added"] as const) {
    const shown = rows.filter((row) => row.kind === kind);
    if (shown.length === 0) continue;
    out.line();
    const more =
      counts[kind] > shown.length ? `, the first ${formatCount(shown.length)} of ${formatCount(counts[kind])}` : "";
    out.line(out.style("bold", `${kind}${more}`));
    out.table(columns, shown.map(cellsOf));
  }
}

function cellsOf(row: RowDifference): Cell[] {
  if (row.kind !== "changed") return (row.kind === "missing" ? row.backup : row.live).map(cellOf);
  return row.backup.map((value, place) =>
    row.changed.includes(place)
      ? { text: `${textOf(value)} → ${textOf(row.live[place] ?? null)}`, style: "warn" }
      : cellOf(value),
  );
}

function cellOf(value: string | null): Cell {
  return value === null ? { text: "NULL", style: "dim" } : textOf(value);
}

const longest = 120;

function textOf(value: string | null): string {
  if (value === null) return "NULL";
  if (value === "" || value === "NULL") return `'${value}'`;
  return value.length > longest ? `${value.slice(0, longest)}…` : value;
}

function columnNames({ match }: Comparison): string[] {
  return match.compared.map(({ live: { name } }) => name);
}
