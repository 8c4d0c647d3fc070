/**
 * What hangs on the tables, views and sequences of a database, as rows (kind, name, on, text): equal text means equal
 * thing. To be asked with an empty search_path, so that every name is written with its schema. PostgreSQL 13 and later.
 */
const mine = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
const relation = `(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname))`;
const inSchemas = `join pg_catalog.pg_namespace n on n.oid = c.relnamespace and ${mine}`;
const relations = `pg_catalog.pg_class c ${inSchemas}`;

/** Kinds of facts in the order in which people are told of them, each with its plural. */
export const factKinds = {
  table: "tables",
  view: "views",
  "materialized view": "materialized views",
  "foreign table": "foreign tables",
  sequence: "sequences",
  column: "columns",
  default: "defaults",
  key: "keys",
  "foreign key": "foreign keys",
  check: "checks",
  index: "indexes",
  "extended statistics": "extended statistics",
  trigger: "triggers",
  rule: "rules",
  policy: "policies",
  comment: "comments",
  privilege: "privileges",
} as const;

export type FactKind = keyof typeof factKinds;

export const factQueries: readonly string[] = [
  // A view's text holds its query, a partition's its bounds. Owned sequences name their column.
  `select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
                         when 'S' then 'sequence' else 'table' end as kind,
          ${relation} as name, null::text as "on",
          pg_catalog.concat_ws(' ', 'owner', pg_catalog.pg_get_userbyid(c.relowner), c.relpersistence, c.relreplident,
            c.relrowsecurity, c.relforcerowsecurity, c.relispopulated, c.reloptions::text, pg_catalog.pg_get_partkeydef(c.oid),
            pg_catalog.pg_get_expr(c.relpartbound, c.oid),
            case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
            (select d.refobjid::regclass::text || ' ' || d.refobjsubid || ' ' || d.deptype::text from pg_catalog.pg_depend d
              where c.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid
                and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')),
            (select pg_catalog.concat_ws(' ', s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle,
                      s.cache_size, 'at', s.last_value)
              from pg_catalog.pg_sequences s
              where c.relkind = 'S' and s.schemaname = n.nspname and s.sequencename = c.relname)) as text
   from ${relations} where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,

  `select 'column' as kind, a.attname::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', pg_catalog.row_number() over (partition by a.attrelid order by a.attnum),
            pg_catalog.format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull, a.attstorage) as text
   from ${relations} join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relkind in ('r', 'p', 'v', 'm', 'f')`,

  `select 'default' as kind, a.attname::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)) as text
   from ${relations} join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attidentity <> '' or d.oid is not null`,

  // NOT NULL became a constraint with 18; the column says it in every version.
  `select case x.contype when 'f' then 'foreign key' when 'c' then 'check' when 't' then 'trigger' else 'key' end as kind,
          x.conname::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', pg_catalog.pg_get_constraintdef(x.oid), x.convalidated) as text
   from ${relations} join pg_catalog.pg_constraint x on x.conrelid = c.oid and x.contype <> 'n'`,

  // A key's own index is the key's.
  `select 'index' as kind, i.indexrelid::regclass::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered) as text
   from ${relations} join pg_catalog.pg_index i on i.indrelid = c.oid
   where not exists (select from pg_catalog.pg_constraint x where x.conindid = i.indexrelid and x.contype in ('p', 'u', 'x'))`,

  `select 'extended statistics' as kind, s.stxname::text as name, ${relation} as "on",
          pg_catalog.pg_get_statisticsobjdef(s.oid) as text
   from ${relations} join pg_catalog.pg_statistic_ext s on s.stxrelid = c.oid`,

  `select 'trigger' as kind, t.tgname::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled) as text
   from ${relations} join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgconstraint = 0`,

  `select 'rule' as kind, r.rulename::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled) as text
   from ${relations} join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN'`,

  `select 'policy' as kind, p.polname::text as name, ${relation} as "on",
          pg_catalog.concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
            pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) as text
   from ${relations} join pg_catalog.pg_policy p on p.polrelid = c.oid`,

  // Comments on these kinds of objects in all schemas; initdb's own have numbers below 16384.
  `select 'comment' as kind, o.identity as name, null::text as "on", d.description as text
   from pg_catalog.pg_description d
   cross join lateral pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
   where d.objoid >= 16384 and d.classoid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass,
     'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
     'pg_catalog.pg_statistic_ext'::regclass)`,

  // NULL stands for the default, which a restore may write out.
  `select 'privilege' as kind, p.grantee as name, p.name as "on",
          pg_catalog.string_agg(p.what, ', ' order by p.what) as text
   from (
     select ${relation} as name, x.grantee,
            x.privilege_type || case when x.is_grantable then ' with grant option' else '' end || ' by ' || x.grantor::regrole as what
     from ${relations} cross join lateral pg_catalog.aclexplode(coalesce(c.relacl,
       pg_catalog.acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))) x
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     union all
     select ${relation} || '.' || pg_catalog.quote_ident(a.attname), x.grantee,
            x.privilege_type || case when x.is_grantable then ' with grant option' else '' end || ' by ' || x.grantor::regrole
     from ${relations} join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     cross join lateral pg_catalog.aclexplode(a.attacl) x
   ) given
   cross join lateral (select given.name, given.what,
     case given.grantee when 0 then 'public' else given.grantee::regrole::text end as grantee) p
   group by p.grantee, p.name`,
];

/** Tables and filled materialized views, which hold rows themselves; quoted as SQL takes them. */
export const storedRelations = `select ${relation} as name from ${relations} where c.relkind in ('r', 'm') and c.relispopulated order by 1`;

/** How many rows, and one md5 over all of them in order. */
export function rowsQuery(name: string): string {
  return `select pg_catalog.count(*) as count,
    pg_catalog.md5(coalesce(pg_catalog.string_agg(t::text, e'\\n' order by t::text), '')) as md5 from only ${name} t`;
}
