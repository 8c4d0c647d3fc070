import { quoteIdentifier } from "../../shared/command/names.ts";
import { valueOfText } from "../../shared/compare/value-text.ts";
import type { Session } from "../postgres/connect.ts";
import type { Comparison, RowDifference } from "./comparison.ts";
import { keyNotUnique } from "./held-lines.ts";
import { fromLive } from "./live-table.ts";

/**
 * Where only one side promises that the key is unique, looks whether it was: a missing row's key must be in no live row,
 * an added one's in one.
 * @throws compare.keyNotUnique
 */
export async function refuseSharedKeys(
  comparison: Comparison,
  session: Session,
  rows: readonly RowDifference[],
): Promise<void> {
  const { key } = comparison;
  if (key.places.length === 0 || key.isUniqueOnBoth) return;
  const missing = rows.flatMap((row) => (row.kind === "missing" ? [row.backup] : []));
  const added = rows.flatMap((row) => (row.kind === "added" ? [row.live] : []));
  if ((await mostRows(comparison, session, missing)) > 0 || (await mostRows(comparison, session, added)) > 1)
    throw keyNotUnique();
}

/** The largest number of live rows that share one of these keys. */
async function mostRows(
  { live, match, key }: Comparison,
  session: Session,
  rows: readonly (readonly (string | null)[])[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = key.places.flatMap((place) => match.compared[place]?.live ?? []);
  const equal = columns.map(
    (column, at) => `t.${quoteIdentifier(column.name)} = ${valueOfText(`b.k${at}`, column.type)}`,
  );
  const given = columns.map((_, at) => `$${at + 1}::pg_catalog.text[]`);
  const [row] = await session.query<{ most: number | null }>(
    `select max(found) as most from (
       select count(*) as found from pg_catalog.unnest(${given.join(", ")})
         with ordinality as b (${columns.map((_, at) => `k${at}`).join(", ")}, place)
       join ${fromLive(live)} t on ${equal.join(" and ")} group by b.place) counted`,
    key.places.map((place) => rows.map((values) => values[place] ?? null)),
  );
  return row?.most ?? 0;
}
