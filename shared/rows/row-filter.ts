import type { RowColumn } from "./row-columns.ts";
import { containing, type RowTest, testOfCondition } from "./row-condition.ts";

/** Which rows are wanted. */
export interface RowFilter {
  /** Conditions as row-condition.ts reads them; all of them must hold. */
  readonly where: readonly string[];
  /** A text that one of the columns must hold, in upper or lower case alike; null: none is looked for. */
  readonly search: string | null;
}

/** The filter that lets every row pass. */
export const everyRow: RowFilter = { where: [], search: null };

/** True for a filter that lets every row pass. */
export function takesEveryRow({ where, search }: RowFilter): boolean {
  return where.length === 0 && (search === null || search === "");
}

/**
 * A filter as one test of rows.
 * @throws usage.invalid as testOfCondition
 */
export function testOfFilter({ where, search }: RowFilter, columns: readonly RowColumn[]): RowTest {
  const tests = where.map((text) => testOfCondition(text, columns));
  if (search !== null && search !== "") {
    const pattern = containing(search);
    tests.push((row) => row.some((value) => value !== null && pattern.test(value)));
  }
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (row) => tests.every((test) => test(row));
}

/**
 * What a stretch of COPY text must match to hold a row that the filter's search finds; null where it says nothing of the
 * kind. A text that COPY writes otherwise than it is (a backslash, a line end) is not looked for this way.
 */
export function stretchPattern({ search }: RowFilter): RegExp | null {
  // oxlint-disable-next-line no-control-regex -- these are what COPY escapes
  if (search === null || search === "" || /[\\\x00-\x1f]/.test(search)) return null;
  return containing(search);
}
