import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { Output } from "./output.ts";
import type { Cell } from "./table.ts";

export type RowFormat = "table" | "csv" | "json";

/** Prints rows as they come, under their columns. */
export interface RowWriter {
  write(rows: readonly CopyRow[]): void;
  end(): void;
}

/** Rows that are aligned with each other; more are printed as further tables, so that memory does not grow. */
const tableRows = 1000;
/** A value that is longer is cut in a table for people; the other formats have it whole. */
const tableValueLength = 120;

export function createRowWriter(format: RowFormat, columns: readonly string[], out: Output): RowWriter {
  if (format === "table") return tableWriter(columns, out);
  const line = format === "csv" ? csvLine : (row: CopyRow) => JSON.stringify(row);
  // RFC 4180 ends lines with CR LF; the last LF is the output's own.
  const [separator, end] = format === "csv" ? ["\r\n", "\r"] : ["\n", ""];
  out.line((format === "csv" ? csvLine([...columns]) : JSON.stringify({ columns })) + end);
  return {
    write: (rows) => out.line(rows.map(line).join(separator) + end),
    end: () => {},
  };
}

function tableWriter(columns: readonly string[], out: Output): RowWriter {
  let waiting: CopyRow[] = [];
  let isEmpty = true;
  const print = (rows: readonly CopyRow[]): void => {
    isEmpty = false;
    out.table(
      columns.map((title) => ({ title })),
      rows.map((row) => row.map(cellOf)),
    );
  };
  return {
    write(rows) {
      for (const row of rows) {
        waiting.push(row);
        if (waiting.length < tableRows) continue;
        print(waiting);
        waiting = [];
      }
    },
    end() {
      if (waiting.length > 0 || isEmpty) print(waiting);
    },
  };
}

/** NULL, an empty text and the text NULL all look different. */
function cellOf(value: string | null): Cell {
  if (value === null) return { text: "NULL", style: "dim" };
  if (value === "" || value === "NULL") return `'${value}'`;
  return value.length > tableValueLength ? `${value.slice(0, tableValueLength)}…` : value;
}

function csvLine(row: CopyRow): string {
  return row.map(csvValue).join(",");
}

function csvValue(value: string | null): string {
  if (value === null) return "";
  return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
