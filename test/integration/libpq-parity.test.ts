import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { withSession } from "../../electron/postgres/connect.ts";
import { resolveConnection } from "../../electron/profiles/resolve-connection.ts";
import { availableMajors, clientTool, requirement, startServer, type TestServer } from "../helpers/servers.ts";

const psql = clientTool(15, "psql");
const run = requirement(
  "PostgreSQL 15 with psql",
  psql !== null && availableMajors().includes(15),
  "apt install postgresql-15",
);

const question = `select current_user, current_database(), current_setting('search_path'), coalesce(host(inet_server_addr()), 'socket'),
  (select ssl from pg_stat_ssl where pid = pg_backend_pid())::text`;

function askLibpq(text: string | undefined, env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(psql!, ["-X", "-w", "-At", "-c", question, ...(text === undefined ? [] : ["-d", text])], {
      env: { ...env, PATH: process.env["PATH"], LC_ALL: "C" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
  } catch {
    return "refused";
  }
}
function fill(pattern: string, server: TestServer): string {
  return pattern
    .replaceAll("%P", String(server.port))
    .replaceAll("%S", server.socketFolder)
    .replaceAll("%E", encodeURIComponent(server.socketFolder));
}

/** What psql, and so libpq, makes of a connection string in an environment is what we make of it. */
describe.skipIf(run !== "run")(`the same connection as libpq 15 (${run})`, () => {
  let server: TestServer;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "lifeboat-parity-"));
    server = await startServer(15, {
      tls: true,
      hba: [
        `host all "pw:user" all scram-sha-256`,
        `local all "pw:user" scram-sha-256`,
        "hostnossl all plain all trust",
        "hostssl all plain all reject",
      ],
    });
    for (const name of ["my shop", "it's", "back\\slash", "100%", "ünï", "a@b", "x=y", "-dash"]) {
      // oxlint-disable-next-line no-await-in-loop -- CREATE DATABASE copies a template that must be free
      await server.run(`create database "${name}"`);
    }
    await server.run(
      `create role "o'brien" login; create role plain login; create role "pw:user" login password 'a:b\\c'; create role root login superuser`,
    );
    await server.run('create database "o\'brien"');
    await server.run("create database plain");
    writeFileSync(
      join(home, ".pg_service.conf"),
      `# services\n[one]\nhost=${server.socketFolder}\nport=${server.port}\ndbname=my shop\nuser=o'brien\n[two]\nhost=127.0.0.1\nhost=ignored\nport=${server.port}\nuser=postgres\noptions=-c search_path=svc\n`,
    );
    writeFileSync(
      join(home, ".pgpass"),
      `# x\nnone:*:*:*:no\n127.0.0.1:${server.port}:my shop:pw\\:user:a\\:b\\\\c:rest\n127.0.0.1:*:*:pw\\:user:wrong\n`,
      { mode: 0o600 },
    );
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const ours = async (text: string | undefined, env: NodeJS.ProcessEnv): Promise<string> => {
    try {
      const { target, password } = await resolveConnection(
        { url: text },
        { home: locateHome({ LIFEBOAT_HOME: join(home, "state") }), env },
      );
      const [row] = await withSession(target, password, {}, (session) => session.query(question));
      return Object.values(row ?? {}).join("|");
    } catch {
      return "refused";
    }
  };

  // %P is the port, %S the socket folder, %E the same percent-encoded; `!` in front: libpq refuses it.
  const cases: [string | undefined, NodeJS.ProcessEnv?][] = [
    ["host=%S port=%P user=postgres dbname='my shop'"],
    ["host = %S  port\t=\n%P user=postgres dbname = it\\'s"],
    ["host=%S port=%P user='o\\'brien'"],
    ["host=%S port=%P user=postgres dbname='back\\\\slash'"],
    ["host=%S port=%P user=postgres dbname=100%"],
    ["host=%S port=%P user=postgres dbname=ünï"],
    ["host=%S port=%P user=postgres dbname='x=y'"],
    ["host=%S port=%P user=postgres dbname=-dash dbname=plain"],
    ["host=127.0.0.1 port=%P user=postgres dbname=postgres sslmode=disable"],
    ["host=127.0.0.1 port=%P user=postgres dbname=postgres sslmode=require options='-c search_path=\"a\\\\ b\",c'"],
    ["host=127.0.0.1 port=%P user=postgres dbname=postgres requiressl=1"],
    ["host=127.0.0.1 port=%P user=plain"],
    ["hostaddr=127.0.0.1 port=%P user=postgres dbname=postgres"],
    ["host=127.0.0.1,127.0.0.1 port=1,%P user=postgres dbname=postgres"],
    ["host=%S,127.0.0.1 port=%P user=postgres dbname=postgres target_session_attrs=read-write"],
    ["!host=%S,127.0.0.1,127.0.0.1 port=%P,%P user=postgres dbname=postgres"],
    ["!host=%S port=%P user=postgres dbname='postgres"],
    ["!host=%S port=%P user=postgres dbname"],
    ["!host=%S port=%P user=postgres dbname=postgres nonsense=1"],
    ["!host=%S port=%Px user=postgres dbname=postgres"],
    ["!host=%S port=%P user=postgres dbname=postgres sslmode=on"],
    ["!host=%S port=%P user=postgres dbname=postgres target_session_attrs=some"],
    ["postgresql://postgres@127.0.0.1:%P/my%20shop"],
    ["postgres://postgres@127.0.0.1:%P/my shop"],
    ["postgresql://postgres@%E:%P/it's"],
    ["postgresql://postgres@/ünï?host=%S&port=%P"],
    ["postgresql:///%2Ddash?host=%E&port=%P&user=postgres"],
    ["postgresql://o%27brien@:%P?host=%S"],
    ["postgresql://postgres@127.0.0.1:%P/a%40b?sslmode=disable"],
    ["postgresql://postgres@127.0.0.1:1,127.0.0.1:%P/postgres?options=-c%20search_path%3Dq"],
    ["postgresql://postgres@[::1]:1,127.0.0.1:%P/postgres"],
    ["postgresql://postgres@127.0.0.1:%P/postgres?ssl=true"],
    ["postgresql://postgres:any:thing@127.0.0.1:%P/postgres"],
    ["!postgresql://postgres@127.0.0.1:%P/postgres?nonsense=1"],
    ["!postgresql://postgres@127.0.0.1:%P/postgres?user=a=b"],
    ["!postgresql://postgres@127.0.0.1:%P/100%"],
    ["!postgresql://postgres@[::1/postgres"],
    ["!postgresql://postgres@127.0.0.1:%P/postgres?sslmode=verify-full"],
    [undefined, { PGHOST: "%S", PGPORT: "%P", PGUSER: "postgres", PGDATABASE: "my shop" }],
    ["dbname=postgres", { PGHOST: "%S", PGPORT: "%P", PGUSER: "o'brien" }],
    ["postgresql:///?user=postgres", { PGHOST: "%S", PGPORT: "%P", PGOPTIONS: "-c search_path=fromenv" }],
    ["host=127.0.0.1 port=%P user=postgres", { PGSSLMODE: "disable" }],
    ["host=127.0.0.1 port=%P user=postgres", { PGREQUIRESSL: "1" }],
    [undefined, { PGSERVICE: "one" }],
    ["service=two", { PGHOST: "%S", PGDATABASE: "plain", PGOPTIONS: "-c search_path=fromenv" }],
    ["postgresql://plain@/?service=two"],
    ["!service=none"],
    ["host=127.0.0.1 port=%P user='pw:user' dbname='my shop'"],
    ["!host=127.0.0.1 port=%P user='pw:user' dbname=postgres"],
    ["host=127.0.0.1 port=%P user='pw:user' dbname=postgres password=a:b\\\\c"],
    ["postgresql://pw%3Auser:a%3Ab%5Cc@127.0.0.1:%P/postgres"],
    ["host=127.0.0.1 port=%P user='pw:user' dbname=postgres", { PGPASSWORD: "a:b\\c" }],
    ["!host=127.0.0.1 port=%P user='pw:user' dbname='my shop' passfile=/dev/null"],
  ];

  test.each(cases)("%s %j", async (text, env = {}) => {
    const filled = text === undefined ? undefined : fill(text.replace(/^!/, ""), server);
    const surroundings = {
      HOME: home,
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value ?? "", server)])),
    };
    const answer = askLibpq(filled, surroundings);
    expect(answer === "refused").toBe(text?.startsWith("!") ?? false);
    expect(await ours(filled, surroundings)).toBe(answer);
  });
});
