import type { DataTable, ServerIdentity } from "../../shared/contract/preflight.ts";
import type { Session } from "./connect.ts";

/** Asks the server who it is. */
export async function identifyServer(session: Session): Promise<ServerIdentity & { databaseBytes: number }> {
  const [row] = await session.query<
    Omit<ServerIdentity, "systemIdentifier" | "versionNum"> & { databaseBytes: number }
  >(
    `select pg_catalog.current_setting('server_version') as version, d.oid as "databaseOid",
            pg_catalog.pg_encoding_to_char(d.encoding) as encoding, d.datcollate as collate,
            pg_catalog.pg_is_in_recovery() as "isStandby", pg_catalog.pg_database_size(d.oid) as "databaseBytes"
     from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`,
  );
  if (row === undefined) throw new Error("pg_database does not list the current database");
  return { ...row, versionNum: session.serverVersionNum, systemIdentifier: await readSystemIdentifier(session) };
}

async function readSystemIdentifier(session: Session): Promise<string | null> {
  try {
    const [row] = await session.query<{ id: string }>(
      "select system_identifier::text as id from pg_catalog.pg_control_system()",
    );
    return row?.id ?? null;
  } catch {
    // Some managed services take the privilege away; the backup is no worse for it.
    return null;
  }
}

/**
 * The databases of the server, by name, without template0 and template1. A size is null where the role may not connect.
 */
export function listDatabases(
  session: Session,
): Promise<{ name: string; sizeBytes: number | null; allowConnections: boolean }[]> {
  return session.query(
    `select d.datname as name, d.datallowconn as "allowConnections",
            case when pg_catalog.has_database_privilege(d.oid, 'CONNECT') then pg_catalog.pg_database_size(d.oid) end
              as "sizeBytes"
     from pg_catalog.pg_database d
     where d.datname not in ('template0', 'template1')
     order by d.datname`,
  );
}

/** True in a query over pg_class `c` and pg_namespace `n` for what pg_dump looks at: not the system's, not temporary. */
export const isUserRelation = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";

/**
 * True in a query over pg_class `c` for what an extension makes itself when it is created again. The configuration
 * tables of extensions are not among them: pg_dump writes their rows (manual 38.17.3).
 */
export const isExtensionMember = `(
  exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog.pg_class'::regclass and x.objid = c.oid
    and x.refclassid = 'pg_catalog.pg_extension'::regclass and x.deptype = 'e')
  and not exists (select from pg_catalog.pg_extension e where c.oid = any (e.extconfig)))`;

/**
 * All tables with rows to dump, by name. Sizes are looked up on disk, which takes a lock on each table; where somebody
 * holds ACCESS EXCLUSIVE on one, pg_class's own figure stands in, so that this never waits.
 */
export async function listDataTables(session: Session): Promise<DataTable[]> {
  await session.query("begin read only");
  try {
    await session.query("set local lock_timeout = '200ms'");
    const locked = "select l.relation from locked l";
    return await session.query<DataTable>(
      dataTablesQuery(`case when c.oid in (${locked}) or t.oid in (${locked})
        then ${knownSize} else coalesce(pg_catalog.pg_table_size(c.oid), 0) end`),
    );
  } catch {
    // A lock taken between the two looks. What pg_class knows needs no lock at all.
    await session.query("rollback");
    return await session.query<DataTable>(dataTablesQuery(knownSize));
  } finally {
    await session.query("rollback").catch(() => []);
  }
}

const knownSize = "(c.relpages::int8 + coalesce(t.relpages, 0)) * pg_catalog.current_setting('block_size')::int8";

function dataTablesQuery(size: string): string {
  return `
    with locked as (
      select l.relation from pg_catalog.pg_locks l
      where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock'
        and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
    select n.nspname as schema, c.relname as name, c.oid, ${size} as "sizeBytes",
           greatest(c.reltuples, 0)::float8 as "estimatedRows"
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
    where c.relkind = 'r' and ${isUserRelation} and not ${isExtensionMember}
    order by n.nspname, c.relname`;
}
