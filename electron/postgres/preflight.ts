import { type DataTable, identifyServer, listDataTables, type ServerIdentity } from "./catalog.ts";
import type { Session } from "./connect.ts";
import { preflightChecks } from "./preflight-checks.ts";

/** Something a person should know before a backup. */
export interface PreflightFinding {
  /** `stop`: the backup would fail. `warning`: it would lack something or carry a risk. `note`: good to know. */
  readonly level: "stop" | "warning" | "note";
  /** Stable: `preflight.tablesUnreadable` and the like. */
  readonly code: string;
  readonly message: string;
  /** What to do, null where nothing needs doing. */
  readonly remedy: string | null;
  /** What it is about, named as PostgreSQL writes it. */
  readonly objects: string[];
}

export interface PreflightReport {
  readonly server: ServerIdentity;
  readonly database: string;
  readonly databaseBytes: number;
  /** Every table whose rows a whole backup holds, by name. */
  readonly tables: DataTable[];
  /** Stops first, then warnings, then notes. */
  readonly findings: PreflightFinding[];
}

const levels = ["stop", "warning", "note"];

/**
 * Looks at a database with the eyes of pg_dump: what would make a backup fail or be incomplete. Reads catalogues only,
 * a dozen queries however many tables there are, and waits for no lock longer than a fifth of a second.
 *
 * @param scope.globals whether roles and tablespaces are to be backed up too
 * @throws AppError `postgres.*`, `connection.lost`
 */
export async function runPreflight(session: Session, scope: { globals: boolean }): Promise<PreflightReport> {
  const [current] = await session.query<{ name: string }>("select pg_catalog.current_database()::text as name");
  const { databaseBytes, ...server } = await identifyServer(session);
  const tables = await listDataTables(session);
  const findings: PreflightFinding[] = [];
  for (const check of preflightChecks) {
    // oxlint-disable-next-line no-await-in-loop -- one session, one query after the other
    findings.push(...(await check(session, { server, tables, globals: scope.globals })));
  }
  return {
    server,
    database: current?.name ?? "",
    databaseBytes,
    tables,
    findings: findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level)),
  };
}
