import { existsSync, mkdirSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { clientTool } from "../helpers/clients.ts";
import { createDatabase } from "../helpers/seed.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { shell } from "./measure.ts";

/**
 * pg_dump's archive of `tables` empty tables with a primary key: three entries a table. Made once, 20,000 tables take a
 * minute; kept in `lifeboat-bench` in the user's cache folder.
 */
export async function manyTablesArchive(tables: number): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lifeboat-bench");
  const path = join(folder, `${tables}-tables.dump`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const server = await startServer(15, { settings: { max_locks_per_transaction: "4096" } });
  try {
    await createTables(server, tables);
    shell(`${clientTool(15, "pg_dump")} -Fc --file=${path}.partial --dbname=${server.url("many")}`);
    renameSync(`${path}.partial`, path);
  } finally {
    await server.stop();
  }
  return path;
}

async function createTables(server: TestServer, tables: number): Promise<void> {
  await createDatabase(server, "many");
  for (let first = 1; first <= tables; first += 1000)
    // oxlint-disable-next-line no-await-in-loop -- they share the catalog's locks
    await server.run(
      `do $$ begin for n in ${first} .. ${Math.min(tables, first + 999)} loop
         execute format('create table table_%s (id integer primary key, name text, created_at timestamptz default now())', n);
       end loop; end $$`,
      "many",
    );
}
