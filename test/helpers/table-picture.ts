import { execFileSync } from "node:child_process";
import { exactPattern } from "../../shared/command/names.ts";
import { clientTool, type TestServer } from "./servers.ts";

/** Oldest client here that can dump a server of this major. */
export function clientFor(major: number): number {
  const found = [15, 16, 17, 18].find((client) => client >= major && clientTool(client, "pg_dump") !== null);
  if (found === undefined) throw new Error(`no pg_dump for PostgreSQL ${major} here`);
  return found;
}

/** Runs a client program against a test server and gives its output. */
export function runClient(
  server: TestServer,
  name: string,
  args: readonly string[],
  client = clientFor(server.major),
): string {
  const path = clientTool(client, name);
  if (path === null) throw new Error(`${name} ${client} is not installed`);
  const env = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, LC_ALL: "C", HOME: "/" };
  return execFileSync(path, [...args], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** An archive as pg_dump writes it into a pipe, where it cannot go back to write the offsets. */
export function dumpThroughPipe(
  server: TestServer,
  database: string,
  path: string,
  options: readonly string[] = [],
  client = clientFor(server.major),
): void {
  const program = clientTool(client, "pg_dump");
  if (program === null) throw new Error(`pg_dump ${client} is not installed`);
  const args = ["--format=custom", ...options, `--dbname=${server.url(database)}`];
  execFileSync("/bin/sh", ["-c", 'out=$1; shift; "$@" | cat > "$out"', "sh", path, program, ...args]);
}

/**
 * Everything pg_dump can say about a table: columns, keys, indexes, defaults, triggers, comments, grants, policies and
 * its rows in order. Two tables with one picture are equal.
 */
export function pictureOf(server: TestServer, database: string, schema: string, ...names: readonly string[]): string {
  const tables = names.map((name) => `--table=${exactPattern(schema, name)}`);
  const definition = runClient(server, "pg_dump", ["--schema-only", ...tables, `--dbname=${database}`]);
  const rows = runClient(server, "pg_dump", ["--data-only", ...tables, `--dbname=${database}`]);
  const sortedRows = rows.split("\n").toSorted();
  return [...definition.split("\n"), ...sortedRows].filter((line) => !isNoise(line)).join("\n");
}

function isNoise(line: string): boolean {
  return /^\\(un)?restrict /.test(line) || line.startsWith("-- Dumped ");
}
