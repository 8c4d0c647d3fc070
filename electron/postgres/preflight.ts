import type { PreflightFinding, PreflightReport } from "../../shared/contract/preflight.ts";
import { identifyServer, listDataTables } from "./catalog.ts";
import type { Session } from "./connect.ts";
import { preflightChecks } from "./preflight-checks.ts";

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
