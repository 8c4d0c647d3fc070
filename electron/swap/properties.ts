import { quoteIdentifier } from "../../shared/command/names.ts";
import { quoteLiteral } from "../../shared/restore/database-definition.ts";
import type { Session } from "../postgres/connect.ts";

/** A statement about a database, but for its name. */
export interface DatabaseProperty {
  readonly before: string;
  readonly after: string;
}

/** Settings whose value is a list, which PostgreSQL keeps quoted already (GUC_LIST_QUOTE). */
const listSettings = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/**
 * What belongs to a database itself and is in no dump of it: owner, connection limit, tablespace, privileges, settings (for
 * all, and for single roles), comment.
 * @throws postgres.*, connection.lost
 */
export async function readProperties(session: Session, database: string): Promise<DatabaseProperty[]> {
  const [found] = await session.query<{
    owner: string;
    limit: number;
    tablespace: string;
    comment: string | null;
    hasAcl: boolean;
  }>(
    `select r.rolname::text as owner, d.datconnlimit as limit, t.spcname::text as tablespace,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment, d.datacl is not null as "hasAcl"
     from pg_catalog.pg_database d join pg_catalog.pg_roles r on r.oid = d.datdba
     join pg_catalog.pg_tablespace t on t.oid = d.dattablespace where d.datname = $1`,
    [database],
  );
  if (found === undefined) return [];
  const grants = await session.query<{ grantee: string; privilege: string; grantable: boolean }>(
    `select case when a.grantee = 0 then 'public' else pg_catalog.quote_ident(r.rolname) end as grantee,
       a.privilege_type as privilege, a.is_grantable as grantable
     from pg_catalog.pg_database d cross join pg_catalog.aclexplode(d.datacl) a
     left join pg_catalog.pg_roles r on r.oid = a.grantee where d.datname = $1 order by 1, 2`,
    [database],
  );
  const settings = await session.query<{ role: string | null; setting: string }>(
    `select r.rolname::text as role, pg_catalog.unnest(s.setconfig) as setting
     from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase
     left join pg_catalog.pg_roles r on r.oid = s.setrole where d.datname = $1 order by 1, 2`,
    [database],
  );
  return [
    { before: "alter database", after: `owner to ${quoteIdentifier(found.owner)}` },
    ...(found.limit === -1 ? [] : [{ before: "alter database", after: `connection limit ${found.limit}` }]),
    ...(found.comment === null ? [] : [{ before: "comment on database", after: `is ${quoteLiteral(found.comment)}` }]),
    ...(found.hasAcl
      ? [{ before: "revoke all on database", after: `from public, ${quoteIdentifier(found.owner)}` }]
      : []),
    ...grants.map(({ grantee, privilege, grantable }) => ({
      before: `grant ${privilege} on database`,
      after: `to ${grantee}${grantable ? " with grant option" : ""}`,
    })),
    ...settings.map(({ role, setting }) => {
      const at = setting.indexOf("=");
      const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
      const who = role === null ? "alter database" : `alter role ${quoteIdentifier(role)} in database`;
      return { before: who, after: `set ${name} = ${listSettings.has(name) ? value || "''" : quoteLiteral(value)}` };
    }),
  ];
}

/** The tablespace a database lies in; null for the server's default. @throws postgres.* */
export async function readTablespace(session: Session, database: string): Promise<string | null> {
  const [row] = await session.query<{ name: string }>(
    `select t.spcname::text as name from pg_catalog.pg_database d
     join pg_catalog.pg_tablespace t on t.oid = d.dattablespace where d.datname = $1`,
    [database],
  );
  return row === undefined || row.name === "pg_default" ? null : row.name;
}

/** The statement for a database of any name. */
export function statementFor({ before, after }: DatabaseProperty, database: string): string {
  return `${before} ${quoteIdentifier(database)} ${after}`;
}
