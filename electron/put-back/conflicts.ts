import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import { valueOfText } from "../../shared/compare/value-text.ts";
import type { PutBackTable } from "../../shared/put-back/put-back-sql.ts";
import { formatNumberOf } from "../../shared/text/format.ts";
import { fromLive, type LiveTable } from "../compare/live-table.ts";
import type { Session } from "../postgres/connect.ts";

const batchSize = 1000;

/**
 * What the server would refuse of rows to be inserted: a value of a unique key that another row has by now, a reference
 * to a row that is not there. Sentences for people, without values.
 * @param session prepared (compare/live-table.ts)
 */
export async function findConflicts(
  session: Session,
  live: LiveTable,
  table: PutBackTable,
  rows: readonly CopyRow[],
): Promise<string[]> {
  const found: string[] = [];
  const place = (name: string) => table.columns.findIndex((column) => column.name === name);
  const keyNames = table.keyPlaces.map((at) => table.columns[at]?.name);
  /* oxlint-disable no-await-in-loop -- one session, one question after another */
  for (const { columns } of live.keys) {
    const isKey = columns.length === keyNames.length && columns.every((name) => keyNames.includes(name));
    const places = columns.map(place);
    if (isKey || places.includes(-1)) continue;
    const same = columns.map((name, at) => `t.${quoteIdentifier(name)} = ${textAt(table, places, at)}`);
    const count = await countRows(
      session,
      rows,
      places,
      `exists (select 1 from ${fromLive(live)} t where ${same.join(" and ")})`,
    );
    const names = columns.map((name) => formatName(null, name)).join(", ");
    if (count > 0)
      found.push(
        `${formatNumberOf(count, "row")} cannot come back: another row has the same ${names}, which is unique.`,
      );
  }
  for (const { parent, columns, referenced } of await readReferences(session, live)) {
    const places = columns.map(place);
    if (places.includes(-1)) continue;
    const same = referenced.map((name, at) => `p.${quoteIdentifier(name)} = ${textAt(table, places, at)}`);
    const given = places.map((_, at) => `b.c${at} is not null`);
    const count = await countRows(
      session,
      rows,
      places,
      `${given.join(" and ")} and not exists (select 1 from ${parent} p where ${same.join(" and ")})`,
    );
    if (count > 0)
      found.push(
        `${formatNumberOf(count, "row")} refer to rows of ${parent} that are not there. Put those back first.`,
      );
  }
  /* oxlint-enable no-await-in-loop */
  return found;
}

/** Foreign keys to other tables; rows that refer to each other come together. */
function readReferences(
  session: Session,
  live: LiveTable,
): Promise<{ parent: string; columns: string[]; referenced: string[] }[]> {
  return session.query(
    `select c.confrelid::pg_catalog.regclass::text as parent,
            (select array_agg(a.attname order by k.place) from pg_catalog.unnest(c.conkey) with ordinality k (attnum, place)
             join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) as columns,
            (select array_agg(a.attname order by k.place) from pg_catalog.unnest(c.confkey) with ordinality k (attnum, place)
             join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum) as referenced
     from pg_catalog.pg_constraint c
     where c.conrelid = $1 and c.contype = 'f' and c.confrelid <> c.conrelid and c.conparentid = 0`,
    [live.oid],
  );
}

async function countRows(
  session: Session,
  rows: readonly CopyRow[],
  places: readonly number[],
  condition: string,
): Promise<number> {
  let count = 0;
  const given = places.map((_, at) => `$${at + 1}::pg_catalog.text[]`).join(", ");
  const names = places.map((_, at) => `c${at}`).join(", ");
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize);
    // oxlint-disable-next-line no-await-in-loop -- batch after batch
    const [row] = await session.query<{ count: number }>(
      `select count(*) as count from pg_catalog.unnest(${given}) with ordinality as b (${names}, place) where ${condition}`,
      places.map((place) => batch.map((values) => values[place] ?? null)),
    );
    count += row?.count ?? 0;
  }
  return count;
}

function textAt(table: PutBackTable, places: readonly number[], at: number): string {
  return valueOfText(`b.c${at}`, table.columns[places[at] ?? -1]?.type ?? "pg_catalog.text");
}
