import { compareLoosely } from "../../../../shared/rows/compare-values.ts";

export type RowValues = readonly (string | null)[];

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
