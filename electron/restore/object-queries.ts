/** The queries that name every object of a database: `kind`, `schema` (null outside schemas), `name`. */

/** Objects of a schema. */
function inSchema(kind: string, from: string, name: string, namespace: string, where = "true"): string {
  return `select '${kind}' as kind, n.nspname::text as schema, (${name})::text as name
     from pg_catalog.${from} x join pg_catalog.pg_namespace n on n.oid = x.${namespace} where ${where}`;
}

/** Parts of a table, named `table part`. */
function ofTable(kind: string, from: string, name: string, relation: string, where = "true"): string {
  return `select '${kind}' as kind, n.nspname::text as schema, (c.relname || ' ' || ${name})::text as name
     from pg_catalog.${from} x join pg_catalog.pg_class c on c.oid = x.${relation}
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${where}`;
}

/** Objects of the database or the server itself. */
function global(kind: string, from: string, name: string): string {
  return `select '${kind}' as kind, null::text as schema, (${name})::text as name from pg_catalog.${from} x`;
}

/**
 * Names are as pg_dump writes them into tags: `table part` for parts of a table, `name(types)` for routines (whose types
 * are qualified only while nothing is on the search path). Built-in routines and operators are left out: there are
 * thousands, and no archive holds them.
 */
export function objectQueries(serverVersionNum: number): string[] {
  return [
    inSchema("relation", "pg_class", "x.relname", "relnamespace"),
    inSchema("attached", "pg_class", "x.relname", "relnamespace", "x.relispartition"),
    inSchema("type", "pg_type", "x.typname", "typnamespace"),
    inSchema(
      "routine",
      "pg_proc",
      `x.proname || '(' || case when x.prokind = 'a' and x.pronargs = 0 then '*' else pg_catalog.oidvectortypes(x.proargtypes) end || ')'`,
      "pronamespace",
      "x.oid >= 16384",
    ),
    inSchema(
      "operator",
      "pg_operator",
      `x.oprname || ' (' || case when x.oprleft = 0 then 'NONE' else pg_catalog.format_type(x.oprleft, null) end || ', ' || case when x.oprright = 0 then 'NONE' else pg_catalog.format_type(x.oprright, null) end || ')'`,
      "oprnamespace",
      "x.oid >= 16384",
    ),
    inSchema("operator class", "pg_opclass", "x.opcname", "opcnamespace"),
    inSchema("operator family", "pg_opfamily", "x.opfname", "opfnamespace"),
    inSchema("collation", "pg_collation", "x.collname", "collnamespace"),
    inSchema("conversion", "pg_conversion", "x.conname", "connamespace"),
    inSchema("statistics", "pg_statistic_ext", "x.stxname", "stxnamespace"),
    inSchema("text search parser", "pg_ts_parser", "x.prsname", "prsnamespace"),
    inSchema("text search dictionary", "pg_ts_dict", "x.dictname", "dictnamespace"),
    inSchema("text search template", "pg_ts_template", "x.tmplname", "tmplnamespace"),
    inSchema("text search configuration", "pg_ts_config", "x.cfgname", "cfgnamespace"),
    ofTable("constraint", "pg_constraint", "x.conname", "conrelid"),
    `select 'constraint' as kind, n.nspname::text as schema, (t.typname || ' ' || x.conname)::text as name
     from pg_catalog.pg_constraint x join pg_catalog.pg_type t on t.oid = x.contypid
     join pg_catalog.pg_namespace n on n.oid = t.typnamespace`,
    ofTable("trigger", "pg_trigger", "x.tgname", "tgrelid", "not x.tgisinternal"),
    ofTable("rule", "pg_rewrite", "x.rulename", "ev_class", "n.nspname not in ('pg_catalog', 'information_schema')"),
    ofTable("policy", "pg_policy", "x.polname", "polrelid"),
    `select 'default' as kind, n.nspname::text as schema, (c.relname || ' ' || a.attname)::text as name
     from pg_catalog.pg_attrdef x join pg_catalog.pg_class c on c.oid = x.adrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join pg_catalog.pg_attribute a on a.attrelid = x.adrelid and a.attnum = x.adnum`,
    `select 'publication table' as kind, n.nspname::text as schema, (p.pubname || ' ' || c.relname)::text as name
     from pg_catalog.pg_publication_rel x join pg_catalog.pg_publication p on p.oid = x.prpubid
     join pg_catalog.pg_class c on c.oid = x.prrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace`,
    `select 'cast' as kind, null::text as schema,
            'CAST (' || pg_catalog.format_type(x.castsource, null) || ' AS ' || pg_catalog.format_type(x.casttarget, null) || ')' as name
     from pg_catalog.pg_cast x where x.oid >= 16384`,
    global("schema", "pg_namespace", "x.nspname"),
    global("extension", "pg_extension", "x.extname"),
    global("language", "pg_language", "x.lanname"),
    global("access method", "pg_am", "x.amname"),
    global("foreign data wrapper", "pg_foreign_data_wrapper", "x.fdwname"),
    global("server", "pg_foreign_server", "x.srvname"),
    global("publication", "pg_publication", "x.pubname"),
    global("event trigger", "pg_event_trigger", "x.evtname"),
    global("large object", "pg_largeobject_metadata", "x.oid"),
    // pg_subscription is readable by everybody from 10 on, but for the column with passwords.
    ...(serverVersionNum >= 100_000 ? [global("subscription", "pg_subscription", "x.subname")] : []),
  ];
}
