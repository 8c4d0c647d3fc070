import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import type { LiveKey } from "../../shared/compare/choose-key.ts";
import type { LiveColumn } from "../../shared/compare/match-columns.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Session } from "../postgres/connect.ts";

/** The table that rows are compared with. */
export interface LiveTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  /** Rows lie in partitions. */
  readonly isPartitioned: boolean;
  readonly columns: readonly LiveColumn[];
  readonly keys: readonly LiveKey[];
}

/** The table as SQL takes it, whatever its name holds. */
export function quoteLive({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** What stands behind FROM: the table's own rows, which are those an archive holds of it. */
export function fromLive(table: LiveTable): string {
  return `${table.isPartitioned ? "" : "only "}${quoteLive(table)}`;
}

/**
 * Makes a session write values as pg_dump does (pg_dump.c, setup_connection), find objects by whole names alone and read
 * tables in the order of their pages.
 */
export async function prepareSession(session: Session): Promise<void> {
  await session.query(
    `set datestyle = iso; set intervalstyle = postgres; set extra_float_digits = 3; set bytea_output = hex;
     set row_security = off; set search_path = ''; set synchronize_seqscans = off; set xmloption = content;
     set max_parallel_workers_per_gather = 0; set statement_timeout = 0; set lock_timeout = 0;
     set idle_in_transaction_session_timeout = 0`,
  );
}

/** @throws compare.tableMissing, postgres.* */
export async function readLiveTable(session: Session, schema: string, name: string): Promise<LiveTable> {
  const [table] = await session.query<{ oid: number; kind: string }>(
    `select c.oid, c.relkind as kind from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  if (table === undefined || !["r", "p"].includes(table.kind))
    throw new AppError(
      "compare.tableMissing",
      table === undefined
        ? `The database has no table ${formatName(schema, name)}.`
        : `${formatName(schema, name)} is no table in the database.`,
    );
  const columns = await session.query<LiveColumn>(
    `select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
            a.attgenerated <> '' as "isGenerated",
            case a.attidentity when 'a' then 'always' when 'd' then 'byDefault' end as identity,
            a.attnotnull as "isNotNull", a.atthasdef as "hasDefault"
     from pg_catalog.pg_attribute a
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table.oid],
  );
  const keys = await session.query<LiveKey>(
    `select array_agg(a.attname order by k.place) as columns, i.indisprimary as "isPrimary",
            bool_and(a.attnotnull) as "isNotNull"
     from pg_catalog.pg_index i
     cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
     join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
       and i.indexprs is null and k.place <= i.indnkeyatts
     group by i.indexrelid, i.indisprimary order by i.indisprimary desc, i.indexrelid`,
    [table.oid],
  );
  return { schema, name, oid: table.oid, isPartitioned: table.kind === "p", columns, keys };
}
