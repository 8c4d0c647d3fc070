import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDatabases } from "../../electron/discovery/find-databases.ts";
import { findRunning } from "../../electron/discovery/find-running.ts";
import type { Finding } from "../../electron/discovery/found-databases.ts";
import { locateHome } from "../../electron/home.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const ready = requirement("a PostgreSQL 15 server", availableMajors().includes(15), serversRemedy);
const root = mkdtempSync(join(tmpdir(), "lifeboat-running-"));
const env = { HOME: root, PGUSER: "postgres", PGPASSFILE: join(root, "pgpass") };

async function find(): Promise<Finding[]> {
  const found: Finding[] = [];
  await findRunning({ env, signal: AbortSignal.timeout(5000) }, found);
  return found;
}

function on(server: TestServer, found: readonly Finding[]): Finding[] {
  return found.filter(({ target }) => target.hosts[0]?.port === server.port);
}

describe.skipIf(ready !== "run")(`servers that run here ${ready}`, () => {
  let open: TestServer;
  let closed: TestServer;
  beforeAll(async () => {
    // Where people's servers have their sockets too.
    const settings = { unix_socket_directories: "/tmp" };
    open = await startServer(15, { settings });
    closed = await startServer(15, { settings, password: "s3cret" });
    await open.run("create database shop");
    await closed.run("create database vault");
  });
  afterAll(async () => {
    await open.stop();
    await closed.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it("show their databases where they let us in, and themselves where they do not", async () => {
    const found = await find();
    expect(on(open, found)).toHaveLength(1);
    expect(on(open, found)[0]).toMatchObject({
      source: "running",
      isOpen: true,
      serverVersion: expect.stringMatching(/^15\./),
      sizeBytes: expect.any(Number),
      target: { database: "shop", user: "postgres", hosts: [{ host: "/tmp", port: open.port }] },
    });
    expect(on(closed, found)).toMatchObject([{ isOpen: false, target: { database: "postgres" } }]);
    // It is asked without a password, never with a guessed one.
    expect(await closed.value("select count(*) from pg_stat_activity where application_name = 'lifeboat'")).toBe("0");
  });

  it("show their databases too where .pgpass has the password for them", async () => {
    writeFileSync(env.PGPASSFILE, `localhost:${closed.port}:*:postgres:s3cret\n`, { mode: 0o600 });
    expect(on(closed, await find())).toMatchObject([{ isOpen: true, target: { database: "vault" } }]);
  });

  it("are found in two seconds, with everything else, each once", async () => {
    writeFileSync(env.PGPASSFILE, `localhost:${closed.port}:vault:postgres:s3cret\n`, { mode: 0o600 });
    const started = performance.now();
    const home = locateHome({ LIFEBOAT_HOME: root });
    const found = await findDatabases({
      home,
      env: { ...env, DATABASE_URL: `postgresql://postgres:s3cret@localhost:${closed.port}/vault` },
      signal: new AbortController().signal,
    });
    expect(performance.now() - started).toBeLessThan(2500);
    const vaults = found.filter(({ target }) => target.database === "vault");
    expect(vaults.map(({ source }) => source)).toEqual(["running"]);
  });
});
