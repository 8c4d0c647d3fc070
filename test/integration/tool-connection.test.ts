import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import { runTool } from "../../electron/tools/run-tool.ts";
import { openToolConnection, type ToolConnection } from "../../electron/tools/tool-connection.ts";
import { buildDumpArgs } from "../../shared/command/dump-command.ts";
import { failureOf } from "../../shared/error/classify.ts";
import {
  availableMajors,
  clientTool,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";

/** With everything that a password file escapes, and nothing that could be there by chance. */
const password = String.raw`s3cr:t\with 'odd' "chars" %41=`;
const oddDatabase = "host=elsewhere dbname='x' \\ \"y\"";
const major = 15;
const pgDump = clientTool(major, "pg_dump");
const ready = availableMajors().includes(major) && pgDump !== null;
const requirements = requirement(`PostgreSQL ${major}, server and client`, ready, serversRemedy);

function args(connection: ToolConnection, tables: readonly string[] = []): string[] {
  return [
    connection.dbnameArgument(),
    ...buildDumpArgs(
      {
        format: "plain",
        compression: { method: "none", level: null },
        jobs: 1,
        schemas: [],
        tables,
        excludeTables: [],
        excludeTableData: [],
        schemaOnly: false,
        dataOnly: false,
        lockWaitTimeoutSeconds: 20,
        outputPath: null,
      },
      { major, minor: 0, text: "15" },
    ),
  ];
}

describe.skipIf(requirements !== "run")(`children that connect: ${requirements}`, () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startServer(major, { password });
    folder = await mkdtemp(join(tmpdir(), "lifeboat-connection-"));
    await server.run(`CREATE DATABASE "${oddDatabase.replaceAll('"', '""')}"`);
    await server.run("CREATE TABLE orders (id int); INSERT INTO orders SELECT 1", oddDatabase);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const home = () => locateHome({ LIFEBOAT_HOME: folder });
  test("a database named like a connection string is that database, and the password is taken from its file", async () => {
    const connection = await openToolConnection(server.target(oddDatabase), new Secret(password), home(), "lifeboat:1");
    const lines: string[] = [];
    const run = runTool({
      path: pgDump ?? "",
      args: args(connection),
      env: connection.env,
      stdout: (line) => lines.push(line),
      phase: "dump",
    });
    const exit = await run.exit;
    await connection.dispose();
    expect([exit.exitCode, exit.stderr.match(/error.*/)?.[0]]).toEqual([0, undefined]);
    expect(lines).toContain("COPY public.orders (id) FROM stdin;");
    expect(await readdir(home().runFolder)).toEqual([]);
  });

  test("the password is in no argv, no environment and no log while a child runs", async () => {
    await server.run("CREATE TABLE held (id int)", "postgres");
    const connection = await openToolConnection(server.target("postgres"), new Secret(password), home(), "lifeboat:2");
    const passfile = connection.env["PGPASSFILE"] ?? "";
    expect((await stat(passfile)).mode & 0o777).toBe(0o600);
    expect((await stat(join(passfile, ".."))).mode & 0o777).toBe(0o700);
    const locked = server.run("BEGIN; LOCK TABLE held; SELECT pg_sleep(3); COMMIT", "postgres");
    const log: string[] = [];
    const run = runTool({
      path: pgDump ?? "",
      args: args(connection, ["held"]),
      env: connection.env,
      stdout: "ignore",
      phase: "dump",
      onStderrLine: (line) => log.push(line),
    });
    let sessions = "0";
    for (let tries = 0; sessions === "0" && tries < 50; tries += 1)
      sessions =
        (await server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat:2'")) ?? "0";
    expect(sessions).toBe("1");
    const seen = (
      await Promise.all(["cmdline", "environ"].map((file) => readFile(`/proc/${run.pid}/${file}`, "latin1")))
    ).join("\0");
    expect(seen).toContain("PGPASSFILE");
    await locked;
    const exit = await run.exit;
    await connection.dispose();
    expect(exit.exitCode).toBe(0);
    const everything = [seen, JSON.stringify(exit), log.join("\n"), JSON.stringify(connection)].join("\n");
    for (const form of [password, "s3cr", encodeURIComponent(password), Buffer.from(password).toString("base64")])
      expect(everything).not.toContain(form);
  });

  test("a wrong password is told as what it is, and the user's own password file is not asked", async () => {
    for (const [secret, code] of [
      [new Secret("wrong"), "connection.authentication"],
      [null, "connection.passwordMissing"],
    ] as const) {
      const connection = await openToolConnection(server.target("postgres"), secret, home(), "lifeboat:3");
      const exit = await runTool({
        path: pgDump ?? "",
        args: args(connection),
        env: connection.env,
        stdout: "ignore",
        phase: "dump",
      }).exit;
      await connection.dispose();
      expect(failureOf("pg_dump", exit, "dump").code).toBe(code);
    }
  });

  test("a password with a line break is refused before a file is made", async () => {
    await expect(openToolConnection(server.target(), new Secret("a\nb"), home(), "x")).rejects.toMatchObject({
      code: "connection.invalid",
    });
  });
});
