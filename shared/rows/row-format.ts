import { csvEncoder } from "./encode-csv.ts";
import { jsonArrayEncoder, jsonObjectEncoder } from "./encode-json.ts";
import type { RowEncoder } from "./encode-rows.ts";
import { type InsertTarget, sqlEncoder, sqlHead } from "./encode-sql.ts";
import type { RowColumn } from "./row-columns.ts";

/** The formats that rows are exported in. */
export const exportFormats = ["csv", "json", "jsonl", "sql", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];
/** Those that are written row by row. */
export type TextFormat = Exclude<ExportFormat, "parquet">;

/** How a format writes the rows of a table. */
export function encoderFor(format: TextFormat, columns: readonly RowColumn[], table: InsertTarget): RowEncoder {
  switch (format) {
    case "csv":
      return csvEncoder(columns.length);
    case "json":
      return jsonArrayEncoder();
    case "jsonl":
      return jsonObjectEncoder(columns);
    default:
      return sqlEncoder(table, columns);
  }
}

/** What stands before the first row. */
export function headOf(format: ExportFormat, columns: readonly RowColumn[]): string {
  const names = columns.map(({ name }) => name);
  switch (format) {
    case "csv":
      return `${names.map(csvName).join(",")}\r\n`;
    case "json":
      return `${JSON.stringify({ columns: names })}\n`;
    case "jsonl":
    case "parquet":
      return "";
    default:
      return sqlHead;
  }
}

function csvName(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
