import { compareLoosely } from "../../../../shared/rows/compare-values.ts";

export type RowValues = readonly (string | null)[];
export type ExportFormat = "csv" | "jsonl";

/** One value of CSV: NULL is nothing, an empty text is "" (as COPY … CSV writes and reads them). */
function csvValue(value: string | null): string {
  if (value === null) return "";
  return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The first line of an export, where the format has one. */
export function exportHead(columns: readonly string[], format: ExportFormat): string {
  return format === "csv" ? `${columns.map(csvValue).join(",")}\r\n` : "";
}

/** Rows as RFC 4180 CSV, or as one JSON object a line with values in PostgreSQL's own text, which loses no digit. */
export function exportRows(columns: readonly string[], rows: readonly RowValues[], format: ExportFormat): string {
  let text = "";
  for (const row of rows)
    text +=
      format === "csv"
        ? `${row.map(csvValue).join(",")}\r\n`
        : `${JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))}\n`;
  return text;
}

/** A row for the clipboard: what spreadsheets and psql's COPY take, columns apart by tabs, NULL as \N. */
export function copyText(row: RowValues): string {
  return row
    .map((value) =>
      value === null
        ? "\\N"
        : value.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r"),
    )
    .join("\t");
}

export interface RowOrder {
  readonly column: number;
  readonly descending: boolean;
}

/** Places of loaded rows in a column's order: numbers by value, text by code point, NULL last as PostgreSQL has it. */
export function orderRows(rows: readonly RowValues[], order: RowOrder | null): readonly number[] | null {
  if (order === null) return null;
  const sign = order.descending ? -1 : 1;
  return rows
    .map((_, index) => index)
    .toSorted((one, other) => {
      const [a, b] = [rows[one]?.[order.column] ?? null, rows[other]?.[order.column] ?? null];
      if (a === null || b === null) return a === b ? one - other : a === null ? sign : -sign;
      return sign * compareLoosely(a, b) || one - other;
    });
}

/** A file's name for what is exported: nothing in it means anything to a file system. */
export function exportFileName(schema: string, table: string, format: ExportFormat): string {
  const name = `${schema === "" ? "" : `${schema}.`}${table}`.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 100);
  return `${name.replace(/^\.+/, "") || "rows"}.${format}`;
}
