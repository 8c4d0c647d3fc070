import type { DifferenceSink, RowDifference } from "./comparison.ts";

/** Keeps the first rows of each kind, as many as asked for. */
export interface FirstDifferences extends DifferenceSink {
  readonly rows: readonly RowDifference[];
}

/** @param limit of each kind */
export function keepFirst(limit: number): FirstDifferences {
  const rows: RowDifference[] = [];
  const left = { missing: limit, changed: limit, added: limit };
  return {
    rows,
    async take(differences) {
      for (const each of differences) if (left[each.kind]-- > 0) rows.push(each);
    },
    async restart() {
      rows.length = 0;
      Object.assign(left, { missing: limit, changed: limit, added: limit });
    },
  };
}
