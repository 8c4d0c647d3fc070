import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { quoteLiteral } from "../../shared/restore/database-definition.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { Session } from "../postgres/connect.ts";
import { sqlStateOf } from "../postgres/query-error.ts";
import { quoteTable } from "../restore/count-rows.ts";
import type { BesidePlan, ReplacePlan } from "../restore/restore-plan.ts";
import { findDependants } from "./dependants.ts";

/**
 * Keeps writers out of the tables until the transaction ends; readers, pg_dump among them, go on.
 * @throws restore.planOutdated where something else hangs on them by now, postgres.*
 */
export async function lockReplaced(session: Session, { replaced, dependants }: ReplacePlan): Promise<void> {
  const names = replaced.map(({ schema, name }) => quoteTable(schema, name));
  await inTime(session.query(`lock table ${names.join(", ")} in exclusive mode`));
  const oids = await session.query<{ oid: number | null }>(
    "select pg_catalog.to_regclass(name)::oid as oid from pg_catalog.unnest($1::text[]) with ordinality n (name, at) order by at",
    [names],
  );
  const same = oids.every(({ oid }, at) => oid === replaced[at]?.oid);
  const found = await findDependants(
    session,
    replaced.map(({ oid }) => oid),
  );
  if (same && JSON.stringify(found) === JSON.stringify(dependants)) return;
  throw new AppError(
    "restore.planOutdated",
    "What hangs on the tables has changed since it was shown. Nothing was done.",
  );
}

/**
 * Puts built tables in the place of the live ones, in the session's open transaction: the old ones step aside, the new ones
 * get their names, all that hung on the old ones is made anew on them, and the old ones are dropped. Without CASCADE, so
 * that PostgreSQL itself says whether anything still hangs on them.
 * @param addKeys makes the archive's foreign keys to live tables
 * @throws restore.dataRejected where rows that refer to each other do not fit any more, restore.dependants, postgres.*
 */
export async function exchangeTables(
  context: JobContext,
  session: Session,
  { moves, schema: staging }: BesidePlan,
  { replaced, dependants }: ReplacePlan,
  addKeys: () => Promise<void>,
): Promise<void> {
  const run = async (sql: string): Promise<void> => {
    context.log(sql);
    await session.query(sql);
  };
  const aside = quoteIdentifier(`${staging}_old`);
  /* oxlint-disable no-await-in-loop -- one transaction, one statement after another */
  const names = replaced.map(({ schema, name }) => quoteTable(schema, name));
  await inTime(session.query(`lock table ${names.join(", ")} in access exclusive mode`));
  for (const { table, name } of dependants.foreignKeys)
    await run(`alter table ${table} drop constraint ${quoteIdentifier(name)}`);
  await run(`create schema ${aside}`);
  const old = await readFamily(
    session,
    replaced.map(({ oid }) => oid),
  );
  for (const { word, schema, name } of old) await run(`alter ${word} ${quoteTable(schema, name)} set schema ${aside}`);
  await bringOver(session, run, moves, staging);
  for (const { sql } of dependants.redefined) await run(sql);
  for (const { table, name, definition, comment } of dependants.foreignKeys) {
    const constraint = quoteIdentifier(name);
    await run(`alter table ${table} add constraint ${constraint} ${definition}`).catch((error: unknown) => {
      throw explainKey(error, formatName(null, name), table);
    });
    if (comment !== null) await run(`comment on constraint ${constraint} on ${table} is ${quoteLiteral(comment)}`);
  }
  await addKeys();
  // In one statement: the old tables may refer to each other, in either direction.
  await run(`drop table if exists ${replaced.map(({ name }) => `${aside}.${quoteIdentifier(name)}`).join(", ")}`);
  await run(`drop schema ${aside}`);
  await run(`drop schema ${quoteIdentifier(staging)}`);
  /* oxlint-enable no-await-in-loop */
}

async function bringOver(
  session: Session,
  run: (sql: string) => Promise<void>,
  moves: BesidePlan["moves"],
  staging: string,
): Promise<void> {
  const schemaOf = new Map(moves.map(({ from, to }) => [to.name, from.schema]));
  const oids = await session.query<{ oid: number }>(
    `select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p')`,
    [staging],
  );
  const family = await readFamily(
    session,
    oids.map(({ oid }) => oid),
  );
  for (const { word, schema, name, table } of family) {
    const to = quoteIdentifier(schemaOf.get(table) ?? "public");
    // oxlint-disable-next-line no-await-in-loop -- one transaction
    await run(`alter ${word} ${quoteTable(schema, name)} set schema ${to}`);
  }
}

/** Tables with their partitions, and their extended statistics, which have a schema of their own. */
function readFamily(session: Session, oids: readonly number[]) {
  return session.query<{ word: string; schema: string; name: string; table: string }>(
    `with recursive tree (oid) as (select pg_catalog.unnest($1::oid[])
       union select i.inhrelid from pg_catalog.pg_inherits i join tree t on t.oid = i.inhparent)
     select 'statistics' as word, n.nspname::text as schema, s.stxname::text as name, c.relname::text as table
       from pg_catalog.pg_statistic_ext s join tree t on t.oid = s.stxrelid join pg_catalog.pg_class c on c.oid = t.oid
       join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
     union all select 'table', n.nspname::text, c.relname::text, c.relname::text
       from tree t join pg_catalog.pg_class c on c.oid = t.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     order by 1, 2, 3`,
    [oids],
  );
}

function explainKey(error: unknown, key: string, table: string): unknown {
  if (!(error instanceof AppError) || sqlStateOf(error) !== "23503") return error;
  return new AppError(
    "restore.dataRejected",
    `Rows of ${table} refer to rows that the backup has not (${key}). Nothing was changed.`,
    {
      detail: error.detail,
      hint: "Replace both tables together, or put only the missing rows back with --mode missing-rows.",
      cause: error,
    },
  );
}

async function inTime(locking: Promise<unknown>): Promise<void> {
  try {
    await locking;
  } catch (error) {
    if (!(error instanceof AppError) || sqlStateOf(error) !== "55P03") throw error;
    throw new AppError(
      "postgres.queryFailed",
      "Other sessions use the tables, and did not let go in 30 seconds. Nothing was changed.",
      {
        detail: error.detail,
        hint: "Wait for them or end them, then start again.",
        cause: error,
      },
    );
  }
}
