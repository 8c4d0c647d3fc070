import { readFile } from "node:fs/promises";
import type { FoundDatabase } from "../../shared/contract/views.ts";
import type { Home } from "../home.ts";
import { serviceFiles } from "../profiles/client-files.ts";
import { type ResolvedConnection, resolveConnection } from "../profiles/resolve-connection.ts";
import { locatePgpass } from "../secrets/pgpass.ts";
import type { Finding } from "./found-databases.ts";
import { loadPgpassLines } from "./pgpass-lines.ts";

interface Look {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
}

const mostOfEach = 50;

/** What files and the environment name. Nothing is spoken to: these servers may be anywhere. */
export async function findConfigured(look: Look, found: Finding[]): Promise<void> {
  await Promise.allSettled([findEnvironment(look, found), findServices(look, found), findPgpass(look, found)]);
}

/** DATABASE_URL, and libpq's own PGHOST, PGDATABASE and so on. */
async function findEnvironment({ home, env }: Look, found: Finding[]): Promise<void> {
  const url = env["DATABASE_URL"];
  const looks = [resolveConnection({}, { home, env })];
  if (url !== undefined && url !== "") looks.push(resolveConnection({ url }, { home, env: withoutLibpq(env) }));
  // None is named, or what is named makes no sense; the environment is not this list's to mend.
  for (const look of await Promise.allSettled(looks))
    if (look.status === "fulfilled") found.push(describe("environment", look.value, null));
}

/** A URL is whole in itself: PGHOST of the same terminal has no say in it. */
function withoutLibpq(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const files = new Set(["PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR"]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PG") || files.has(name)));
}

async function findServices({ home, env }: Look, found: Finding[]): Promise<void> {
  const names = new Set<string>();
  for (const path of serviceFiles(env["PGSERVICEFILE"], env)) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    const text = await readFile(path, "utf8").catch(() => "");
    for (const [, name = ""] of text.matchAll(/^\s*\[([^\]]+)\]/gm)) names.add(name);
  }
  for (const name of [...names].slice(0, mostOfEach)) {
    try {
      const quoted = name.replaceAll(/[\\']/g, "\\$&");
      // oxlint-disable-next-line no-await-in-loop
      const resolved = await resolveConnection({ url: `service='${quoted}'` }, { home, env: withoutLibpq(env) });
      found.push(describe("service", resolved, name));
    } catch {
      // A section that libpq could not use either.
    }
  }
}

async function findPgpass({ home, env }: Look, found: Finding[]): Promise<void> {
  const lines = (await loadPgpassLines(locatePgpass(env))).filter((line) =>
    [line.host, line.database, line.user].every((field) => field !== "*" && field !== ""),
  );
  for (const line of lines.slice(0, mostOfEach)) {
    if (line.database === "replication") continue;
    const fields = {
      host: line.host,
      port: line.port === "*" ? "5432" : line.port,
      dbname: line.database,
      user: line.user,
    };
    const conninfo = Object.entries(fields).map(([name, value]) => `${name}='${value.replaceAll(/[\\']/g, "\\$&")}'`);
    try {
      // oxlint-disable-next-line no-await-in-loop
      const resolved = await resolveConnection({ url: conninfo.join(" ") }, { home, env: withoutLibpq(env) });
      found.push(describe("pgpass", resolved, null));
    } catch {
      // A line that names no server.
    }
  }
}

function describe(
  source: FoundDatabase["source"],
  { target, password, passwordFrom }: ResolvedConnection,
  service: string | null,
): Finding {
  return { source, target, password, passwordFrom, service, isOpen: false, serverVersion: null, sizeBytes: null };
}
