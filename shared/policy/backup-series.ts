import type { Manifest } from "../contract/manifest.ts";

/** What decides what a backup holds; how it was made (jobs, format, compression) does not. */
const choices = ["schemas", "tables", "excludeTables", "excludeTableData", "schemaOnly", "dataOnly"];

/**
 * What a backup is a backup of: this database of this server, this choice of its objects. Only backups of one series can
 * stand in for each other: the newest dump of one table is no reason to let yesterday's dump of everything go. A server is
 * the same wherever it answers, as long as its system identifier could be read; pg_upgrade begins a new one.
 */
export function seriesOf({ server, database, options }: Manifest): string {
  const place = server.systemIdentifier ?? `${server.host}:${server.port}`;
  return JSON.stringify([place, database, ...choices.map((name) => meaningOf(options[name]))]);
}

/** What was not asked for is the same as what was not written down. */
function meaningOf(option: unknown): unknown {
  if (Array.isArray(option)) return option.length === 0 ? null : option.map(String).toSorted();
  return option === false || option === undefined ? null : option;
}
