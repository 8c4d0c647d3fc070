import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Archives that were not made by Lifeboat have no manifest; what they say of themselves is all there is to verify. */
const serverNeed = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const need =
  serverNeed === "run" ? requirement("clients of 15", clientTool(15, "pg_dump") !== null, clientsRemedy) : serverNeed;

describe.skipIf(need !== "run")(`archives made elsewhere are verified ${need}`, () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-foreign-"));
  const at = (name: string) => join(folder, name);
  const env = { LIFEBOAT_HOME: at("home"), LIFEBOAT_TOOLS: process.env["LIFEBOAT_TOOLS"] ?? "" };

  beforeAll(async () => {
    server = await startServer(15);
    const url = server.url(await seedTypesAndObjects(server));
    const dump = (...args: string[]) => execFileSync(clientTool(15, "pg_dump") ?? "", [...args, `--dbname=${url}`]);
    dump("-Fc", `--file=${at("custom")}`);
    dump("-Fd", `--file=${at("directory")}`);
    dump("-Ft", `--file=${at("tar")}`);
    dump("-Fp", `--file=${at("plain")}`);
    dump("-Fc", "--inserts", `--file=${at("inserts")}`);
    execFileSync(clientTool(15, "pg_dumpall") ?? "", [`--file=${at("server")}`, `--dbname=${server.url("postgres")}`]);
    for (const name of ["custom", "tar", "plain"]) execFileSync("gzip", ["--keep", at(name)]);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["custom", "readWhole"],
    ["inserts", "readWhole"],
    ["directory", "readWhole"],
    ["directory/toc.dat", "readWhole"],
    ["tar", "readWhole"],
    ["plain", "notApplicable"],
    ["server", "notApplicable"],
    ["custom.gz", "readWhole"],
    ["tar.gz", "readWhole"],
    ["plain.gz", "notApplicable"],
  ])("%s: every row is read, and pg_restore: %s", async (name, pgRestore) => {
    const { code, stdout, stderr } = await runCli(["verify", at(name), "--json"], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const custom = await runCli(["verify", at("custom"), "--json"], { env });
    const { tables, rows } = JSON.parse(custom.stdout);
    expect(rows).toBeGreaterThan(2000);
    expect(JSON.parse(stdout)).toMatchObject({ pgRestore, checksum: "noManifest", tables, rows });
  });

  it.each(["custom", "tar", "plain", "custom.gz", "plain.gz", "server"])("%s: cut, it is not whole", async (name) => {
    const whole = readFileSync(at(name));
    writeFileSync(at("cut"), whole.subarray(0, Math.floor(whole.length * 0.7)));
    const { code, stderr } = await runCli(["verify", at("cut"), "--quiet"], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ends too early|damaged|cut short/);
  });
});
