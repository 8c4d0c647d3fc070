import { quoteIdentifier } from "../../shared/command/names.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { Session } from "../postgres/connect.ts";
import type { BesidePlan } from "../restore/restore-plan.ts";
import { freeName, moveStatements } from "./moves.ts";

/** What hangs on a moved relation and has a name of its own in its schema. */
interface Follower {
  readonly word: string;
  readonly schema: string;
  readonly name: string;
}

/**
 * Moves the restored definitions of a scratch database to the schema and names they are to have, by ALTER alone, so that
 * everything that refers to them follows.
 * @param session of the scratch database
 * @param taken names that the live schema has: indexes, keys and sequences get others
 * @throws postgres.*, connection.*, job.cancelled
 */
export async function arrangeScratch(
  context: JobContext,
  session: Session,
  { moves, schema }: BesidePlan,
  taken: ReadonlySet<string>,
): Promise<void> {
  const run = async (sql: string): Promise<void> => {
    context.log(sql);
    await session.query(sql);
  };
  /* oxlint-disable no-await-in-loop -- one session, one statement after another */
  const oids = new Map<string, number>();
  for (const { from } of moves) {
    const name = `${quoteIdentifier(from.schema)}.${quoteIdentifier(from.name)}`;
    const [row] = await session.query<{ oid: number }>("select $1::pg_catalog.regclass::oid as oid", [name]);
    if (row !== undefined) oids.set(name, row.oid);
  }
  const moved = [...oids.values()];
  for (const sql of await detachments(session, moved)) await run(sql);
  for (const sql of moveStatements(moves)) await run(sql);
  const names = new Set(taken);
  const word = moves.find(({ isChosen }) => isChosen)?.to.name ?? "restored";
  for (const { word: kind, schema: at, name } of await followers(session, moved)) {
    const own = `${quoteIdentifier(at)}.${quoteIdentifier(name)}`;
    if (kind === "STATISTICS" && at !== schema)
      await run(`ALTER STATISTICS ${own} SET SCHEMA ${quoteIdentifier(schema)}`);
    const other = freeName(name, word, names);
    names.add(other);
    if (other !== name)
      await run(
        `ALTER ${kind} ${quoteIdentifier(schema)}.${quoteIdentifier(name)} RENAME TO ${quoteIdentifier(other)}`,
      );
  }
  /* oxlint-enable no-await-in-loop */
}

/** A child whose parent stays behind becomes a table of its own: its rows must not show in the live parent. */
async function detachments(session: Session, moved: readonly number[]): Promise<string[]> {
  const rows = await session.query<{ child: string; parent: string; partition: boolean }>(
    `select pg_catalog.format('%I.%I', cn.nspname, c.relname) as child,
            pg_catalog.format('%I.%I', pn.nspname, p.relname) as parent, c.relispartition as partition
     from pg_catalog.pg_inherits i
     join pg_catalog.pg_class c on c.oid = i.inhrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
     join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
     where c.oid = any ($1::oid[]) and p.oid <> all ($1::oid[])`,
    [moved],
  );
  return rows.map(({ child, parent, partition }) =>
    partition ? `ALTER TABLE ${parent} DETACH PARTITION ${child}` : `ALTER TABLE ${child} NO INHERIT ${parent}`,
  );
}

/** Indexes, owned sequences and extended statistics of the moved relations; constraints have their index's name. */
function followers(session: Session, moved: readonly number[]): Promise<Follower[]> {
  return session.query<{ word: string; schema: string; name: string }>(
    `select 'INDEX' as word, n.nspname::text as schema, c.relname::text as name
       from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace where i.indrelid = any ($1::oid[])
     union all
     select 'SEQUENCE', n.nspname::text, c.relname::text
       from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         and d.deptype in ('a', 'i') and d.refobjid = any ($1::oid[])
     union all
     select 'STATISTICS', n.nspname::text, s.stxname::text
       from pg_catalog.pg_statistic_ext s join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
       where s.stxrelid = any ($1::oid[])
     order by 1, 2, 3`,
    [moved],
  );
}
