import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** A value of a backup was changed where no format tells: what only looks says so, what writes it elsewhere does not. */

const need = requirement(
  "PostgreSQL 15",
  availableMajors().includes(15) && clientTool(15, "pg_dump") !== null,
  serversRemedy,
);

describe.skipIf(need !== "run")(`a changed value (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-told-"));
  const env = { LIFEBOAT_HOME: join(folder, "home") };
  let server: TestServer;
  let archive: string;

  beforeAll(async () => {
    server = await startServer(15);
    await server.run("create database shop");
    await server.run(
      "create table orders (id int primary key, what text); insert into orders values (1, 'lantern')",
      "shop",
    );
    const to = ["--to", join(folder, "backups"), "--compress", "none", "--json"];
    const made = await runCli(["backup", "--url", server.url("shop"), ...to], { env });
    if (made.code !== 0) throw new Error(made.stderr);
    const [backup] = JSON.parse((await runCli(["backups", "--in", join(folder, "backups"), "--json"], { env })).stdout);
    archive = backup.path;
    const file = openSync(archive, "r+");
    writeSync(file, Buffer.from("W"), 0, 1, readFileSync(archive).lastIndexOf("lantern"));
    closeSync(file);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is shown with a warning, and exported into nothing", async () => {
    const shown = await runCli(["rows", archive, "public.orders"], { env });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining("Wantern") });
    expect(shown.stderr).toMatch(/warning: values may be wrong: .*was changed or damaged after it was written/);
    const printed = await runCli(["rows", archive, "public.orders", "--format", "csv"], { env });
    expect(printed).toMatchObject({ code: 1, stdout: "" });
    const output = join(folder, "orders.csv");
    const exported = await runCli(["rows", archive, "public.orders", "--output", output], { env });
    expect(exported.code).toBe(1);
    expect(() => readFileSync(output)).toThrow("ENOENT");
  });

  it("is salvaged as it stands, and its table is named", async () => {
    const path = join(folder, "whole.dump");
    const end = await runCli(["salvage", archive, "--to", path], { env });
    expect(end.code).toBe(3);
    expect(end.stdout).toContain("changed: ");
    expect(end.stdout).toContain("may hold wrong values: TABLE DATA public.orders");
  });

  it("is found by a check, and the list says so", async () => {
    expect((await runCli(["verify", archive, "--level", "checksum"], { env })).code).toBe(1);
    const listed = await runCli(["backups", "--in", join(folder, "backups")], { env });
    expect(listed.stdout).toMatch(/Checked/);
    expect(listed.stdout).toMatch(/, damaged/);
    const [backup] = JSON.parse((await runCli(["backups", "--in", join(folder, "backups"), "--json"], { env })).stdout);
    expect(backup.checks).toMatchObject([{ outcome: "bad", error: { code: "verify.checksumMismatch" } }]);
  });
});
