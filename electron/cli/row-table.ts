import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { Output } from "./output.ts";
import type { Cell } from "./table.ts";

/** Prints rows as they come, under their columns. */
export interface RowTable {
  write(rows: readonly CopyRow[]): void;
  end(): void;
}

/** Rows that are aligned with each other; more are printed as further tables, so that memory does not grow. */
const tableRows = 1000;
/** A value that is longer is cut; an export has it whole. */
const tableValueLength = 120;

/** A table for people of rows that come in batches. */
export function createRowTable(columns: readonly string[], out: Output): RowTable {
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
