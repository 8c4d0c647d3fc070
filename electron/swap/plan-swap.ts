import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { timedName } from "../../shared/restore/database-definition.ts";
import { formatBytes, formatNumberOf } from "../../shared/text/format.ts";
import { type Session, withSession } from "../postgres/connect.ts";
import { planRestore, type RestoreServices, whyConfirm } from "../restore/plan-restore.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import type { RestoreRequest } from "../restore/restore-request.ts";
import { namesInUse } from "./exchange-databases.ts";
import { readProperties } from "./properties.ts";

/**
 * Decides how a whole database is swapped for a restored one, changing nothing.
 * @throws as planRestore; restore.swapBlocked naming replication slots, subscriptions, prepared transactions; restore.optionConflict
 */
export async function planSwap(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const { target, password } = services.connection;
  const live = target.database;
  if (request.choice.kind !== "everything")
    throw new AppError("restore.optionConflict", "A swap is of the whole database.", {
      hint: "Leave the choice of tables out, or use --mode replace for them.",
    });
  if (/^(postgres|template[01])$/.test(live))
    throw new AppError("restore.optionConflict", `${live} is the server's own database, which is not swapped.`);
  const now = new Date();
  const names = { live, fresh: timedName(live, "new", now), old: timedName(live, "old", now) };
  const base = await planRestore({ ...request, mode: "new-database", newDatabaseName: names.fresh }, services, signal);
  const options = { applicationName: "lifeboat", ...(signal === undefined ? {} : { signal }) };
  return withSession(target, password, options, async (session) => {
    await refuseBlocked(session, live);
    const properties = await readProperties(session, live);
    const sessions = await namesInUse(session, live);
    const lost = await tablesNotIn(session, base);
    const [size] = await session.query<{ bytes: number }>(
      "select pg_catalog.pg_database_size(pg_catalog.current_database()) as bytes",
    );
    const name = formatName(null, live);
    return {
      ...base,
      request,
      database: live,
      swap: { restore: base, ...names, properties },
      // Settings and privileges of the database are carried over from the live one.
      warnings: [
        ...base.warnings.filter((text) => !text.startsWith("Settings, privileges and comments of the database itself")),
        ...(lost.length === 0
          ? []
          : [
              `The backup does not have ${lost.length === 1 ? "this table" : "these tables"} of ${name}: ${shorten(lost)}.`,
            ]),
      ],
      touches: [
        `The whole database ${name} (${formatBytes(size?.bytes ?? 0)}): a restored one takes its name. What was written since the backup is not in it.`,
        `First everything is restored into ${formatName(null, names.fresh)} and checked; where anything is missing, nothing is swapped.`,
        `Then ${properties.length === 0 ? "its owner" : `${formatNumberOf(properties.length, "setting")} of the database itself (owner, grants, settings, comment)`} carried over, and both renamed in one transaction.`,
        sessions.length === 0
          ? "Nobody else is connected now; who is by then is disconnected."
          : `Disconnected then: ${shorten(sessions)}, and who else is connected by then.`,
        `The one that is there is kept as ${formatName(null, names.old)}; it needs its space until you drop it.`,
      ],
      undo: "lifeboat jobs undo swaps them back, as long as the old one is kept.",
      confirmation: whyConfirm(request, services.connection, live),
    };
  });
}

/** These belong to one database and would go on with the old one, or keep it from being renamed. */
async function refuseBlocked(session: Session, live: string): Promise<void> {
  const rows = await session.query<{ what: string }>(
    `select pg_catalog.format('replication slot %s', slot_name) as what from pg_catalog.pg_replication_slots where database = $1
     union all select pg_catalog.format('subscription %s', subname) from pg_catalog.pg_subscription
       where subdbid = (select oid from pg_catalog.pg_database where datname = $1)
     union all select pg_catalog.format('prepared transaction %s', gid) from pg_catalog.pg_prepared_xacts where database = $1`,
    [live],
  );
  if (rows.length === 0) return;
  throw new AppError(
    "restore.swapBlocked",
    `${live} cannot be swapped while it has: ${shorten(rows.map(({ what }) => what))}.`,
  );
}

/** Tables of the live database that the archive has not. */
async function tablesNotIn(session: Session, { graph }: RestorePlan): Promise<string[]> {
  const rows = await session.query<{ schema: string; name: string }>(
    `select n.nspname::text as schema, c.relname::text as name from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
       and not exists (select 1 from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
         and d.objid = c.oid and d.deptype = 'e') order by 1, 2`,
  );
  const known = new Set(
    graph.all.flatMap((entry) => (entry.desc === "TABLE" ? [formatName(entry.namespace, entry.tag)] : [])),
  );
  return rows.map(({ schema, name }) => formatName(schema, name)).filter((name) => !known.has(name));
}

function shorten(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");
}
