/** By which column rows stand, and which way. */
export interface Sort {
  readonly key: string;
  readonly direction: "ascending" | "descending";
}

/** The rows in order; as they came where there is nothing to sort by. Rows that are equal stay as they stood. */
export function sortRows<Row>(
  rows: readonly Row[],
  sort: Sort | null,
  compare: ((one: Row, other: Row) => number) | undefined,
): readonly Row[] {
  if (sort === null || compare === undefined) return rows;
  return sort.direction === "ascending" ? rows.toSorted(compare) : rows.toSorted((one, other) => compare(other, one));
}
