import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTool, type ToolExit, type ToolRequest } from "../../electron/tools/run-tool.ts";
import { baseEnvironment, connectionEnvironment } from "../../electron/tools/tool-environment.ts";
import { buildReadArgs, buildRestoreArgs } from "../../shared/command/restore-command.ts";
import { failureOf, type ToolPhase } from "../../shared/error/classify.ts";
import {
  availableMajors,
  clientsRemedy,
  clientTool,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";

const major = 15;
const servers = requirement(`PostgreSQL ${major}`, availableMajors().includes(major), serversRemedy);

/** Real programs, really failing: what they say is what the rules were written for. */
describe.skipIf(servers !== "run")(`failures of real tools: ${servers}`, () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startServer(major, { settings: { max_connections: "20" } });
    folder = await mkdtemp(join(tmpdir(), "lifeboat-failures-"));
    await server.run(
      "CREATE ROLE reader LOGIN; CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 1000)",
    );
    await server.run("CREATE DATABASE filled");
    await server.run("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)", "filled");
    await server.run("CREATE DATABASE big");
    await server.run(
      "CREATE TABLE a AS SELECT g, repeat(md5(g::text), 20) AS t FROM generate_series(1, 400000) g; CREATE TABLE b AS SELECT * FROM a",
      "big",
    );
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function request(
    program: string,
    args: readonly string[],
    phase: ToolPhase,
    change: Record<string, string> = {},
  ): ToolRequest {
    const env = {
      ...baseEnvironment(),
      ...connectionEnvironment(server.target("postgres"), "lifeboat:test"),
      ...change,
    };
    return { path: program, args, env, stdout: "ignore", phase, limitMs: 60_000 };
  }

  describe.each([15, 17, 18])("client %i", (client) => {
    const clients = requirement(
      `the client programs ${client}`,
      clientTool(client, "pg_restore") !== null,
      clientsRemedy,
    );
    const tool = (name: string): string => clientTool(client, name) ?? "";
    const run = (
      name: string,
      args: readonly string[],
      phase: ToolPhase,
      env: Record<string, string> = {},
    ): Promise<ToolExit> => runTool(request(tool(name), args, phase, env)).exit;

    test.skipIf(clients !== "run").each<[string, string[], Record<string, string>, string]>([
      ["nobody listens", [], { PGHOST: "127.0.0.1", PGPORT: "1" }, "connection.refused"],
      ["no such socket", [], { PGHOST: "/nowhere" }, "connection.refused"],
      ["no such host", [], { PGHOST: "no.such.host.invalid" }, "connection.hostNotFound"],
      ["no such database", ["--dbname=dbname='nope'"], {}, "connection.databaseMissing"],
      ["no such role", [], { PGUSER: "nobody" }, "connection.authentication"],
      ["no privilege", [], { PGUSER: "reader" }, "postgres.permissionDenied"],
      ["nothing matches", ["--table=nope"], {}, "backup.nothingToDump"],
      ["no TLS there", [], { PGHOST: "127.0.0.1", PGSSLMODE: "require" }, "connection.tls"],
      ["options that exclude one another", ["--schema-only", "--data-only"], {}, "internal.unexpected"],
    ])("pg_dump: %s", async (_name, args, env, code) => {
      const exit = await run("pg_dump", ["--dbname=dbname='postgres'", "--no-password", ...args], "dump", env);
      const error = failureOf("pg_dump", exit, "dump");
      expect([exit.exitCode, error.code]).toEqual([1, code]);
    });

    test.skipIf(clients !== "run")("pg_dump: a lock that somebody else holds", async () => {
      const locked = server.run("BEGIN; LOCK TABLE orders; SELECT pg_sleep(2); COMMIT");
      await sleep(300);
      const exit = await run("pg_dump", ["--dbname=dbname='postgres'", "--lock-wait-timeout=200"], "dump");
      expect(failureOf("pg_dump", exit, "dump").code).toBe("postgres.lockTimeout");
      await locked;
    });

    test.skipIf(clients !== "run")("pg_dumpall: roles' passwords for a plain role", async () => {
      const exit = await run("pg_dumpall", ["--globals-only"], "globals", { PGUSER: "reader" });
      expect(exit.events[0]).toMatchObject({ ruleId: "D04" });
    });

    test.skipIf(clients !== "run")("pg_restore: errors with their entries, and archives that are none", async () => {
      const archive = join(folder, `orders-${client}.dump`);
      const dumped = await run(
        "pg_dump",
        ["--dbname=dbname='postgres'", "--format=custom", `--file=${archive}`],
        "dump",
      );
      expect(dumped).toMatchObject({ exitCode: 0, events: [] });
      const list = join(folder, `list-${client}`);
      await writeFile(list, execFileSync(tool("pg_restore"), ["--list", archive]));
      const args = buildRestoreArgs(
        {
          useListPath: list,
          archivePath: archive,
          jobs: 1,
          singleTransaction: false,
          transactionSize: null,
          noOwner: true,
          noPrivileges: true,
          exitOnError: false,
          role: null,
          disableTriggers: false,
        },
        { major: client, minor: 0, text: String(client) },
      );
      const exit = await run("pg_restore", ["--dbname=dbname='filled'", ...args], "restore");
      expect(exit.exitCode).toBe(1);
      const errors = exit.events.filter(({ severity }) => severity === "error");
      // From 17 on pg_restore sets transaction_timeout, which a server 15 does not know.
      expect(errors.map(({ ruleId }) => ruleId)).toEqual([...(client >= 17 ? ["R01"] : []), "R07", "R22", "R24"]);
      const [table, data, key] = errors.slice(-3);
      expect([table, data, key].map((event) => event?.tocEntry?.desc)).toEqual(["TABLE", "TABLE DATA", "CONSTRAINT"]);
      expect(table?.command).toContain("CREATE TABLE public.orders");
      expect(failureOf("pg_restore", exit, "restore").code).toBe("restore.objectsExist");

      await writeFile(join(folder, "text"), "-- PostgreSQL database dump\n");
      await writeFile(join(folder, "empty"), "");
      await writeFile(join(folder, "cut"), readFileSync(archive).subarray(0, -3000));
      const codes = [];
      for (const name of ["text", "empty", "cut", "nowhere"])
        codes.push(
          failureOf("pg_restore", await run("pg_restore", buildReadArgs(join(folder, name)), "read"), "read").code,
        );
      expect(codes).toEqual(["archive.notAnArchive", "archive.truncated", "archive.truncated", "archive.damaged"]);
    });
  });

  test("a parallel pg_dump is cancelled with its workers, on the server too", async () => {
    const controller = new AbortController();
    const out = join(folder, "cancelled");
    const args = [
      "--dbname=dbname='big'",
      "--format=directory",
      "--jobs=2",
      "--compress=9",
      "--verbose",
      `--file=${out}`,
    ];
    const run = runTool({ ...request(clientTool(major, "pg_dump") ?? "", args, "dump"), signal: controller.signal });
    await sleep(1_000);
    controller.abort();
    const exit = await run.exit;
    expect(exit.outcome).toBe("cancelled");
    expect(exit.elapsedMs).toBeLessThan(4_500);
    expect(groupSize(run.pid)).toBe(0);
    expect(await sessions()).toBe("0");
  });

  test("a parallel pg_dump ends when Lifeboat is killed", async () => {
    const out = join(folder, "orphaned");
    const args = [
      "--dbname=dbname='big'",
      "--format=directory",
      "--jobs=2",
      "--compress=9",
      "--verbose",
      `--file=${out}`,
    ];
    const script = `
      import { runTool } from ${JSON.stringify(join(import.meta.dirname, "../../electron/tools/run-tool.ts"))};
      console.log(runTool(${JSON.stringify(request(clientTool(major, "pg_dump") ?? "", args, "dump"))}).pid);
    `;
    const host = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(
      await new Promise((resolve) => host.stdout.once("data", (chunk) => resolve(String(chunk).trim()))),
    );
    await sleep(1_000);
    expect(groupSize(pid)).toBe(3);
    const killedAt = Date.now();
    host.kill("SIGKILL");
    while (groupSize(pid) > 0 && Date.now() - killedAt < 10_000) await sleep(50);
    expect(groupSize(pid)).toBe(0);
    // Long before a table's end, which is when its workers would notice by themselves.
    expect(Date.now() - killedAt).toBeLessThan(3_000);
    expect(await sessions()).toBe("0");
  });

  /** Sessions of the tools that are still there, after the moment a backend takes to go. */
  async function sessions(): Promise<string | null> {
    await sleep(500);
    return server.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat:test'");
  }
});

/** Processes of a group that still run; those that ended and were not asked about do not count. */
function groupSize(group: number): number {
  const lines = execFileSync("ps", ["-e", "-o", "pgid=,stat="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line)).length;
}
