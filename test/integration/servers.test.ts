import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  availableMajors,
  clientFolder,
  clientsRemedy,
  clientTool,
  requirement,
  startServer,
} from "../helpers/servers.ts";

const wanted = [13, 14, 15, 16, 17, 18];

describe("test servers", () => {
  for (const major of wanted) {
    const state = requirement(
      `a PostgreSQL ${major} server`,
      availableMajors().includes(major),
      "npm ci in test/servers",
    );
    it.skipIf(state !== "run")(
      `${major} starts, answers, survives a crash and leaves nothing behind: ${state}`,
      async () => {
        const server = await startServer(major, { settings: { application_name: "it's" } });
        const folder = join(server.dataFolder, "..");
        expect(await server.value("show server_version")).toMatch(new RegExp(`^${major}\\.`));
        expect(await server.value("show application_name")).toBe("it's");
        await server.run("create database shop");
        expect(
          await server.run("create table t (a int); insert into t values (1), (null); select a from t", "shop"),
        ).toEqual([{ a: "1" }, { a: null }]);
        server.halt("immediate");
        await expect(server.run("select 1")).rejects.toThrow(/ECONNREFUSED/);
        server.resume();
        expect(await server.value("select count(*) from t", "shop")).toBe("2");
        await server.stop();
        expect(existsSync(folder)).toBe(false);
      },
    );
  }

  it("ends with the process that started it, however that ends", async () => {
    const script = `
      import { startServer } from ${JSON.stringify(join(import.meta.dirname, "../helpers/servers.ts"))};
      const server = await startServer(${availableMajors().at(-1)});
      process.stdout.write(server.dataFolder + " " + server.port);
      process.kill(process.pid, "SIGKILL");`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(run.signal).toBe("SIGKILL");
    const [folder = ""] = run.stdout.split(" ");
    expect(folder).toContain("lifeboat-pg");
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  });

  it("asks for a password and serves TLS when told to", async () => {
    const server = await startServer(availableMajors().at(-1) ?? 0, {
      password: "it's a secret",
      tls: true,
      hba: ["hostssl all all 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 reject"],
    });
    const psql = clientTool(15, "psql");
    if (psql === null) return;
    const options = `host=localhost hostaddr=127.0.0.1 port=${server.port} user=postgres dbname=postgres`;
    const env = { PATH: process.env["PATH"], PGPASSWORD: "it's a secret", PGSSLROOTCERT: server.caFile ?? "" };
    const ask = (sslmode: string) =>
      execFileSync(
        psql,
        ["-XAtc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()", `${options} sslmode=${sslmode}`],
        {
          env,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
    expect(ask("verify-full")).toBe("t\n");
    expect(() => ask("disable")).toThrow(/rejects connection/);
    await server.stop();
  });
});

describe("test clients", () => {
  for (const major of [15, 17, 18]) {
    const folder = clientFolder(major);
    const state = requirement(`PostgreSQL ${major} clients`, folder !== null, clientsRemedy);
    it.skipIf(state !== "run")(`${major} run: ${state}`, () => {
      for (const name of ["pg_dump", "pg_dumpall", "pg_restore", "psql", "pg_basebackup", "pg_verifybackup"]) {
        const line = execFileSync(join(folder ?? "", name), ["--version"], { encoding: "utf8" });
        expect(line).toMatch(new RegExp(`^${name} \\(PostgreSQL\\) ${major}\\.`));
      }
    });
  }
});
