import { formatName } from "../../shared/command/names.ts";
import type { DataTable, PreflightFinding, ServerIdentity } from "../../shared/contract/preflight.ts";
import { isExtensionMember, isUserRelation } from "./catalog.ts";
import type { Session } from "./connect.ts";

interface Facts {
  readonly server: ServerIdentity;
  readonly tables: readonly DataTable[];
  readonly globals: boolean;
}

type Check = (session: Session, facts: Facts) => PreflightFinding[] | Promise<PreflightFinding[]>;

/** Each looks at one thing and finds nothing, or says what it found. */
export const preflightChecks: readonly Check[] = [
  checkRelations,
  checkLargeObjects,
  checkLocks,
  checkLockTable,
  checkPooler,
  checkStandby,
  checkGlobals,
  checkSecrets,
  checkIndexes,
  checkEncoding,
  checkExtensions,
  checkServerRelease,
];

interface RelationRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: "r" | "p" | "S" | "f";
  readonly persistence: "p" | "u";
  readonly mayEnter: boolean;
  readonly maySelect: boolean;
  readonly filtered: boolean;
}

/** pg_dump locks and reads every table and reads every sequence; it asks for all rows and fails where some are hidden. */
async function checkRelations(session: Session, { server }: Facts): Promise<PreflightFinding[]> {
  const rows = await session.query<RelationRow>(
    `select n.nspname as schema, c.relname as name, c.relkind as kind, c.relpersistence as persistence,
            pg_catalog.has_schema_privilege(n.oid, 'USAGE') as "mayEnter",
            case when c.relkind = 'S' then pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                 else pg_catalog.has_table_privilege(c.oid, 'SELECT') end as "maySelect",
            c.relkind in ('r', 'p') and pg_catalog.row_security_active(c.oid) as filtered
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'S', 'f') and ${isUserRelation} and not ${isExtensionMember}
     order by n.nspname, c.relname`,
  );
  const named = (keep: (row: RelationRow) => boolean) =>
    rows.filter(keep).map(({ schema, name }) => formatName(schema, name));
  const closedSchemas = new Set(rows.filter((row) => !row.mayEnter && row.kind !== "f").map((row) => row.schema));
  const readable = (row: RelationRow) => row.mayEnter && row.maySelect;
  return [
    ...about(
      [...closedSchemas].map((schema) => formatName(null, schema)),
      (count) => ({
        level: "stop",
        code: "preflight.schemasClosed",
        message: `This role may not use ${count === 1 ? "one schema" : `${count} schemas`}, so pg_dump cannot read what is in there.`,
        remedy: "Grant USAGE on them, or the role pg_read_all_data (PostgreSQL 14 and later).",
      }),
    ),
    ...about(
      named((row) => row.mayEnter && !row.maySelect && (row.kind === "r" || row.kind === "p")),
      (count) => ({
        level: "stop",
        code: "preflight.tablesUnreadable",
        message: `This role may not read ${count === 1 ? "one table" : `${count} tables`}.`,
        remedy: "Grant SELECT on them, or the role pg_read_all_data (PostgreSQL 14 and later).",
      }),
    ),
    ...about(
      named((row) => row.mayEnter && !row.maySelect && row.kind === "S"),
      (count) => ({
        level: "stop",
        code: "preflight.sequencesUnreadable",
        message: `This role may not read ${count === 1 ? "one sequence" : `${count} sequences`}.`,
        remedy: "Grant SELECT on them, or the role pg_read_all_data (PostgreSQL 14 and later).",
      }),
    ),
    ...about(
      named((row) => row.filtered && readable(row)),
      (count) => ({
        level: "stop",
        code: "preflight.rowSecurity",
        message: `Row security hides rows of ${count === 1 ? "one table" : `${count} tables`} from this role; pg_dump refuses to write half a table.`,
        remedy:
          "Back up as a role with BYPASSRLS, as a superuser, or as the tables' owner (unless row security is forced).",
      }),
    ),
    ...about(
      // A standby has none of their rows, which its own finding says.
      named((row) => row.persistence === "u" && row.kind === "r" && !server.isStandby),
      (count) => ({
        level: "note",
        code: "preflight.unlogged",
        message: `${count === 1 ? "One table is" : `${count} tables are`} unlogged: in the backup, but emptied by a crash of the server.`,
        remedy: null,
      }),
    ),
    ...about(
      named((row) => row.kind === "f"),
      (count) => ({
        level: "note",
        code: "preflight.foreignTables",
        message: `${count === 1 ? "One foreign table has its" : `${count} foreign tables have their`} rows on another server; the backup holds the definition only.`,
        remedy: null,
      }),
    ),
  ];
}

/** Each large object has an owner and privileges of its own. */
async function checkLargeObjects(session: Session): Promise<PreflightFinding[]> {
  // pg_read_all_data covers large objects from 19 on.
  const readsAll = session.serverVersionNum >= 190000 ? "pg_catalog.pg_has_role('pg_read_all_data', 'USAGE')" : "false";
  const rows = await session.query<{ oid: number }>(
    `select m.oid from pg_catalog.pg_largeobject_metadata m
     where not ${readsAll} and not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user)
       and pg_catalog.current_setting('lo_compat_privileges') = 'off'
       and not pg_catalog.pg_has_role(m.lomowner, 'USAGE')
       and not exists (select from pg_catalog.aclexplode(m.lomacl) a where a.privilege_type = 'SELECT'
         and (a.grantee = 0 or pg_catalog.pg_has_role(a.grantee, 'USAGE')))
     order by m.oid`,
  );
  return about(
    rows.map(({ oid }) => String(oid)),
    (count) => ({
      level: "stop",
      code: "preflight.largeObjectsUnreadable",
      message: `This role may not read ${count === 1 ? "one large object" : `${count} large objects`}.`,
      remedy: "Back up as their owner or a superuser, or grant SELECT ON LARGE OBJECT.",
    }),
  );
}

/** pg_dump takes ACCESS SHARE on every table; only ACCESS EXCLUSIVE, held or waited for, is in its way. */
async function checkLocks(session: Session): Promise<PreflightFinding[]> {
  const rows = await session.query<{ schema: string; name: string; pid: number | null; seconds: number | null }>(
    `select n.nspname as schema, c.relname as name, l.pid,
            pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)::int as seconds
     from pg_catalog.pg_locks l
     join pg_catalog.pg_class c on c.oid = l.relation
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join pg_catalog.pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and c.relkind in ('r', 'p') and ${isUserRelation}
       and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
     order by n.nspname, c.relname`,
  );
  return about(
    rows.map(
      ({ schema, name, pid, seconds }) =>
        `${formatName(schema, name)} (${pid === null ? "a prepared transaction" : `process ${pid}`}${seconds === null ? "" : `, for ${seconds} s`})`,
    ),
    (count) => ({
      level: "warning",
      code: "preflight.locked",
      message: `${count === 1 ? "One table is" : `${count} tables are`} locked at the moment; the backup waits for the lock and gives up when it stays.`,
      remedy:
        "Let those transactions end, or end them with pg_terminate_backend (ROLLBACK PREPARED for prepared ones).",
    }),
  );
}

/** One lock for each table in one transaction; the server's table of locks has so many places. */
async function checkLockTable(session: Session): Promise<PreflightFinding[]> {
  const [row] = await session.query<{ relations: number; places: number }>(
    `select (select pg_catalog.count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and ${isUserRelation}) as relations,
            pg_catalog.current_setting('max_locks_per_transaction')::int8
              * (pg_catalog.current_setting('max_connections')::int8
                 + pg_catalog.current_setting('max_prepared_transactions')::int8) as places`,
  );
  if (row === undefined || row.relations <= row.places) return [];
  return [
    {
      level: "warning",
      code: "preflight.lockTableSmall",
      message: `pg_dump locks ${row.relations} tables at once, and the server is set up for ${row.places} locks; it may run out of shared memory.`,
      remedy: "Raise max_locks_per_transaction at the server and restart it, or back up schema by schema.",
      objects: [],
    },
  ];
}

function checkPooler(session: Session): PreflightFinding[] {
  if (!session.pooled) return [];
  return [
    {
      level: "warning",
      code: "preflight.pooler",
      message: "A connection pooler stands between: the session Lifeboat opened is not the server's own.",
      remedy:
        "Connect to the server itself, past PgBouncer or the like. pg_dump needs one session for its whole snapshot, which transaction pooling breaks.",
      objects: [],
    },
  ];
}

/** The first releases, all of 2026-11-12, whose parallel dumps from a standby are sound (release notes of 17.12). */
const soundStandbyDumps: Readonly<Record<number, number>> = { 14: 25, 15: 20, 16: 16, 17: 12, 18: 7 };

async function checkStandby(session: Session, { server }: Facts): Promise<PreflightFinding[]> {
  if (!server.isStandby) return [];
  const [row] = await session.query<{ delay: string; feedback: string }>(
    `select pg_catalog.current_setting('max_standby_streaming_delay') as delay,
            pg_catalog.current_setting('hot_standby_feedback') as feedback`,
  );
  const least = soundStandbyDumps[Math.floor(server.versionNum / 10000)];
  return [
    {
      level: "warning",
      code: "preflight.standby",
      message: `This is a standby: rows of unlogged tables are not here, and a long dump may be cancelled when replay needs its rows (max_standby_streaming_delay = ${row?.delay}, hot_standby_feedback = ${row?.feedback}).`,
      remedy: "Raise max_standby_streaming_delay or turn hot_standby_feedback on, or back up from the primary.",
      objects: [],
    },
    ...(least !== undefined && server.versionNum % 10000 < least
      ? [
          {
            level: "warning" as const,
            code: "preflight.standbyParallel",
            message: "In this release, a dump with several jobs from a standby can damage the dump and the standby.",
            remedy: `Use one job, or update the server to ${Math.floor(server.versionNum / 10000)}.${least} or later.`,
            objects: [],
          },
        ]
      : []),
  ];
}

/** Role passwords are in pg_authid, which superusers alone may read; hosters keep even that back. */
async function checkGlobals(session: Session, { globals }: Facts): Promise<PreflightFinding[]> {
  if (!globals) return [];
  const [row] = await session.query<{ readable: boolean }>(
    "select pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') as readable",
  );
  if (row?.readable) {
    return [
      {
        level: "note",
        code: "preflight.globalsHoldPasswords",
        message: "The roles are backed up with their password hashes. Keep that file as you keep passwords.",
        remedy: null,
        objects: [],
      },
    ];
  }
  return [
    {
      level: "warning",
      code: "preflight.globalsWithoutPasswords",
      message: "This role may not read other roles' passwords, so roles are backed up without them.",
      remedy: "Set the passwords again after a restore, or back up as a superuser.",
      objects: [],
    },
  ];
}

/** Definitions that pg_dump writes with their passwords in clear text, as far as this role sees them. */
async function checkSecrets(session: Session): Promise<PreflightFinding[]> {
  const rows = await session.query<{ what: "subscription" | "mapping"; name: string; dumped: boolean }>(
    `select 'subscription' as what, s.subname::text as name,
            (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) as dumped
     from pg_catalog.pg_subscription s
     where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
     union all
     select 'mapping', m.usename || ' on ' || m.srvname, true from pg_catalog.pg_user_mappings m
     where exists (select from pg_catalog.unnest(m.umoptions) o where o ilike '%pass%=%')`,
  );
  const hidden = rows.filter((row) => !row.dumped).map((row) => formatName(null, row.name));
  const open = rows
    .filter((row) => row.dumped)
    .map((row) => `${row.what === "mapping" ? "user mapping" : "subscription"} ${row.name}`);
  return [
    ...about(open, (count) => ({
      level: "warning",
      code: "preflight.containsSecrets",
      message: `The backup will hold ${count === 1 ? "a definition" : `${count} definitions`} with passwords in clear text.`,
      remedy: "Keep the backup where only those may read it who may know these passwords.",
    })),
    ...about(hidden, (count) => ({
      level: "warning",
      code: "preflight.subscriptionsHidden",
      message: `${count === 1 ? "One subscription is" : `${count} subscriptions are`} left out, because only a superuser can back them up.`,
      remedy: "Write the subscriptions down elsewhere, or back up as a superuser.",
    })),
  ];
}

/** pg_dump passes over indexes that a failed CREATE INDEX CONCURRENTLY left behind. */
async function checkIndexes(session: Session): Promise<PreflightFinding[]> {
  const rows = await session.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name
     from pg_catalog.pg_index i
     join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relkind = 'i' and ${isUserRelation} order by n.nspname, c.relname`,
  );
  return about(
    rows.map(({ schema, name }) => formatName(schema, name)),
    (count) => ({
      level: "warning",
      code: "preflight.indexesInvalid",
      message: `${count === 1 ? "One index is" : `${count} indexes are`} invalid and will not be in the backup.`,
      remedy: "Run REINDEX INDEX CONCURRENTLY on them, or drop them.",
    }),
  );
}

function checkEncoding(_session: Session, { server }: Facts): PreflightFinding[] {
  if (server.encoding !== "SQL_ASCII") return [];
  return [
    {
      level: "warning",
      code: "preflight.sqlAscii",
      message:
        "The database's encoding is SQL_ASCII: the server never checked its texts, so they may be in any encoding.",
      remedy: "Restore it into a database that is SQL_ASCII too; others may refuse some rows.",
      objects: [],
    },
  ];
}

/** A restore creates extensions from what is installed at the target; the archive has their names only. */
async function checkExtensions(session: Session): Promise<PreflightFinding[]> {
  const rows = await session.query<{ name: string; version: string }>(
    `select e.extname as name, e.extversion as version from pg_catalog.pg_extension e
     where e.extname <> 'plpgsql' order by e.extname`,
  );
  return about(
    rows.map(({ name, version }) => `${formatName(null, name)} ${version}`),
    (count) => ({
      level: "note",
      code: "preflight.extensions",
      message: `A restore will need ${count === 1 ? "this extension" : `these ${count} extensions`} installed at the target, in this version or a later one.`,
      remedy: null,
    }),
  );
}

/** The releases of 2026-08-13; older ones have known holes that a dump can carry (postgresql.org/support/security). */
const fixedReleases: Readonly<Record<number, number>> = { 15: 19, 16: 15, 17: 11, 18: 6 };
/** 14 ended in November 2026. */
const oldestSupportedMajor = 15;

function checkServerRelease(_session: Session, { server }: Facts): PreflightFinding[] {
  const major = Math.floor(server.versionNum / 10000);
  const fixed = fixedReleases[major];
  if (major < oldestSupportedMajor) {
    return [
      {
        level: "note",
        code: "preflight.serverEndOfLife",
        message: `PostgreSQL ${server.version} gets no fixes any more.`,
        remedy: "Plan the move to a newer major version; a backup made here can be restored there.",
        objects: [],
      },
    ];
  }
  if (fixed === undefined || server.versionNum % 10000 >= fixed) return [];
  return [
    {
      level: "note",
      code: "preflight.serverOutdated",
      message: `PostgreSQL ${server.version} lacks security fixes that ${major}.${fixed} has.`,
      remedy: `Update the server to the newest ${major} release; a minor update needs a restart and no dump.`,
      objects: [],
    },
  ];
}

/** One finding about some objects, none about no objects. */
function about(objects: string[], describe: (count: number) => Omit<PreflightFinding, "objects">): PreflightFinding[] {
  return objects.length === 0 ? [] : [{ ...describe(objects.length), objects }];
}
