import { quoteIdentifier } from "../../shared/command/names.ts";
import { quoteLiteral } from "../../shared/restore/database-definition.ts";
import type { Session } from "../postgres/connect.ts";

/** What hangs on live tables and is not part of them. */
export interface Dependants {
  /** Foreign keys of other tables: dropped, and made again on the new table. */
  readonly foreignKeys: readonly DependantKey[];
  /** Views, policies of other tables and SQL functions: defined again in place, so that grants and what hangs on them stay. */
  readonly redefined: readonly { readonly name: string; readonly sql: string }[];
  /** What Lifeboat cannot carry over, in PostgreSQL's words. */
  readonly obstacles: readonly string[];
}

interface DependantKey {
  /** Quoted. */
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly comment: string | null;
}

/**
 * Everything that depends on tables, and their partitions, from outside. Names in the definitions are whole, so that they
 * mean whatever has the name when they are run.
 * @param tables oids
 * @param session whose search_path is empty
 * @throws postgres.*, connection.lost
 */
export async function findDependants(session: Session, tables: readonly number[]): Promise<Dependants> {
  const rows = await session.query<{ class: string; oid: number; through: string; described: string }>(outsideQuery, [
    tables,
  ]);
  const of = (kind: string) => [...new Set(rows.filter((row) => row.class === kind).map(({ oid }) => oid))];
  const foreignKeys = await readForeignKeys(session, of("pg_constraint"));
  const views = await readViews(session, of("pg_rewrite"));
  const policies = await readPolicies(session, of("pg_policy"));
  // A function that has the row type in its signature cannot be given another one.
  const typed = new Set(rows.filter(({ through }) => through === "pg_type").map(({ oid }) => oid));
  const functions = await readFunctions(
    session,
    of("pg_proc").filter((oid) => !typed.has(oid)),
  );
  const carried = new Set([...foreignKeys, ...views, ...policies, ...functions].map(({ oid }) => oid));
  const obstacles = rows.filter(({ oid }) => !carried.has(oid)).map(({ described }) => described);
  return {
    foreignKeys: foreignKeys.flatMap(({ isChild, table, name, definition, comment }) =>
      isChild ? [] : [{ table, name, definition, comment }],
    ),
    redefined: [...views, ...policies, ...functions].map(({ name, sql }) => ({ name, sql })),
    obstacles: [...new Set([...obstacles, ...(await findBonds(session, tables))])],
  };
}

/** `own`: what goes with the tables when they are dropped. The rest of what depends on it is outside. */
const outsideQuery = `with recursive tree (oid) as (
    select pg_catalog.unnest($1::oid[])
    union select i.inhrelid from pg_catalog.pg_inherits i join tree t on t.oid = i.inhparent
      join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relispartition),
  own (classid, objid) as (
    select 'pg_catalog.pg_class'::pg_catalog.regclass::oid, oid from tree
    union select d.classid, d.objid from pg_catalog.pg_depend d
      join own o on o.classid = d.refclassid and o.objid = d.refobjid
      where d.deptype in ('a', 'i', 'P', 'S'))
  select distinct k.relname::text as class, d.objid as oid, r.relname::text as through,
    pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) as described
  from pg_catalog.pg_depend d
  join own o on o.classid = d.refclassid and o.objid = d.refobjid
  join pg_catalog.pg_class k on k.oid = d.classid join pg_catalog.pg_class r on r.oid = d.refclassid
  where d.deptype = 'n' and not exists (select 1 from own x where x.classid = d.classid and x.objid = d.objid)
  order by 1, 4`;

function readForeignKeys(session: Session, oids: readonly number[]) {
  return session.query<DependantKey & { oid: number; isChild: boolean }>(
    `select c.oid, c.conrelid::pg_catalog.regclass::text as table, c.conname::text as name,
       pg_catalog.pg_get_constraintdef(c.oid) as definition,
       pg_catalog.obj_description(c.oid, 'pg_constraint') as comment, c.conparentid <> 0 as "isChild"
     from pg_catalog.pg_constraint c where c.oid = any ($1::oid[]) and c.contype = 'f' order by 2, 3`,
    [oids],
  );
}

async function readViews(session: Session, rules: readonly number[]) {
  const rows = await session.query<{ oid: number; name: string; query: string; options: string[] | null }>(
    `select r.oid, c.oid::pg_catalog.regclass::text as name, pg_catalog.pg_get_viewdef(c.oid) as query, c.reloptions as options
     from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
     where r.oid = any ($1::oid[]) and c.relkind = 'v' and r.rulename = '_RETURN' order by 2`,
    [rules],
  );
  return rows.map(({ oid, name, query, options }) => {
    const settings = (options ?? []).map((option) => {
      const [key = "", ...value] = option.split("=");
      return `${quoteIdentifier(key)} = ${quoteLiteral(value.join("="))}`;
    });
    const what = settings.length === 0 ? "" : ` with (${settings.join(", ")})`;
    return { oid, name: `view ${name}`, sql: `create or replace view ${name}${what} as ${query}` };
  });
}

async function readPolicies(session: Session, oids: readonly number[]) {
  const rows = await session.query<{ oid: number; name: string; table: string; using: string; check: string }>(
    `select p.oid, p.polname::text as name, p.polrelid::pg_catalog.regclass::text as table,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check
     from pg_catalog.pg_policy p where p.oid = any ($1::oid[]) order by 3, 2`,
    [oids],
  );
  return rows.map(({ oid, name, table, using, check }) => ({
    oid,
    name: `policy ${name} on ${table}`,
    sql: `alter policy ${quoteIdentifier(name)} on ${table}${using === null ? "" : ` using (${using})`}${check === null ? "" : ` with check (${check})`}`,
  }));
}

/** Bodies in standard SQL, which PostgreSQL keeps parsed, came with 14; others name tables when they run. */
async function readFunctions(session: Session, oids: readonly number[]) {
  if (session.serverVersionNum < 140_000) return [];
  const rows = await session.query<{ oid: number; name: string; sql: string }>(
    `select p.oid, p.oid::pg_catalog.regprocedure::text as name, pg_catalog.pg_get_functiondef(p.oid) as sql
     from pg_catalog.pg_proc p where p.oid = any ($1::oid[]) and p.prosqlbody is not null order by 2`,
    [oids],
  );
  return rows.map(({ oid, name, sql }) => ({ oid, name: `function ${name}`, sql }));
}

/** What pg_depend says in another way, or not at all. */
async function findBonds(session: Session, tables: readonly number[]): Promise<string[]> {
  const rows = await session.query<{ bond: string }>(
    `select pg_catalog.format('%s is a partition or child of %s', i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass) as bond
       from pg_catalog.pg_inherits i where i.inhrelid = any ($1::oid[])
     union all select pg_catalog.format('%s inherits from %s', i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass)
       from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
       where i.inhparent = any ($1::oid[]) and not c.relispartition
     union all select pg_catalog.format('publication %I publishes %s', p.pubname, c.oid::pg_catalog.regclass)
       from pg_catalog.pg_publication p join pg_catalog.pg_class c on c.oid = any ($1::oid[])
       where p.puballtables or exists (select 1 from pg_catalog.pg_publication_tables t
         join pg_catalog.pg_namespace n on n.nspname = t.schemaname
         where t.pubname = p.pubname and n.oid = c.relnamespace and t.tablename = c.relname)
         or exists (select 1 from pg_catalog.pg_publication_rel r where r.prpubid = p.oid and r.prrelid = c.oid)
     union all select pg_catalog.format('a subscription writes to %s', s.srrelid::pg_catalog.regclass)
       from pg_catalog.pg_subscription_rel s where s.srrelid = any ($1::oid[])
     union all select pg_catalog.format('%s belongs to an extension', d.objid::pg_catalog.regclass)
       from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
         and d.objid = any ($1::oid[]) and d.deptype = 'e'`,
    [tables],
  );
  return rows.map(({ bond }) => bond);
}
