import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../electron/postgres/connect.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { clientFolder, startServer, type TestServer } from "../helpers/servers.ts";
import { seedShop } from "../helpers/shop-archive.ts";
import { pictureOf } from "../helpers/table-picture.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-put-back-faults-"));
const env = {
  LIFEBOAT_HOME: join(folder, "home"),
  LIFEBOAT_TOOLS: [17, 18].flatMap((major) => clientFolder(major) ?? []).join(":"),
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kills the command, with no chance to clean up, as soon as its job begins a step. */
async function killedAt(step: string, args: readonly string[]): Promise<void> {
  const { child, end } = startCli([...args, "--progress=json"], { env });
  let seen = "";
  child.stderr?.on("data", (chunk) => {
    seen += String(chunk);
    if (seen.includes(JSON.stringify(step))) child.kill("SIGKILL");
  });
  expect(await end, `${step} came`).toMatchObject({ signal: "SIGKILL" });
}

/** Sessions of a killed process end when the server notices. */
async function quiet(server: TestServer): Promise<void> {
  await expect
    .poll(() => server.value("select count(*) from pg_stat_activity where application_name like 'lifeboat%'"), {
      timeout: 60_000,
    })
    .toBe("0");
}

describe("kill -9", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15);
    archive = await seedShop(server, folder);
    await server.run("drop publication pub; update orders set note = 'spoilt'", "shop");
  });
  afterAll(() => server.stop());

  it("of a replace, in each of its steps, changes nothing; the next one clears up and does it", async () => {
    const before = pictureOf(server, "shop", "public", "orders", "order_lines");
    const args = ["restore", archive, "--into", server.url("shop"), "--mode", "replace", "--table", "orders", "--yes"];
    for (const step of ["Restoring", "Copying rows", "Safety backup"]) {
      await killedAt(step, args);
      await quiet(server);
      expect(pictureOf(server, "shop", "public", "orders", "order_lines"), step).toBe(before);
    }
    // A reader holds the last step up, so that it is met in the middle.
    const target = server.target("shop");
    const reader = await connect(target, null);
    await reader.query("begin");
    await reader.query("select count(*) from orders");
    await killedAt("Replacing", args);
    await reader.close();
    await quiet(server);
    expect(pictureOf(server, "shop", "public", "orders", "order_lines")).toBe(before);
    const left = "select count(*) from pg_database where datname like 'lifeboat%'";
    expect(await server.value(left)).not.toBe("0");

    expect(await runCli(args, { env })).toMatchObject({ code: 0 });
    expect(await server.value("select count(*) from orders where note = 'spoilt'", "shop")).toBe("0");
    expect(await server.value(left)).toBe("0");
    expect(await server.value("select count(*) from pg_namespace where nspname like 'lifeboat%'", "shop")).toBe("0");
  });

  it("of a swap, in each of its steps, changes nothing; the next one clears up and does it", async () => {
    await server.run("update orders set note = 'spoilt'", "shop");
    const before = pictureOf(server, "shop", "public", "orders", "order_lines");
    const databases = "select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate";
    const args = ["restore", archive, "--into", server.url("shop"), "--mode", "swap", "--yes"];
    for (const step of ["Restoring", "Checking"]) {
      await killedAt(step, args);
      await quiet(server);
      expect(pictureOf(server, "shop", "public", "orders", "order_lines"), step).toBe(before);
    }
    // Who looks at the list of databases holds up the renames, so that they are met in the middle.
    const { child, end } = startCli([...args, "--progress=json"], { env });
    let seen = "";
    child.stderr?.on("data", (chunk) => (seen += String(chunk)));
    await expect.poll(() => seen.includes('"Checking"'), { timeout: 60_000 }).toBe(true);
    const watcher = await connect(server.target("postgres"), null);
    await watcher.query("begin");
    await watcher.query("lock table pg_catalog.pg_database in share mode");
    const waiting = `select count(*) from pg_stat_activity where application_name like 'lifeboat%'
      and wait_event_type = 'Lock' and query ilike '%alter database%'`;
    await expect.poll(() => server.value(waiting), { timeout: 60_000 }).not.toBe("0");
    child.kill("SIGKILL");
    expect(await end).toMatchObject({ signal: "SIGKILL" });
    await watcher.close();
    await quiet(server);
    expect(pictureOf(server, "shop", "public", "orders", "order_lines")).toBe(before);
    expect(await server.value(databases)).toMatch(/^postgres shop shop_new_\S+( shop_new_\S+)*$/);

    expect(await runCli(args, { env })).toMatchObject({ code: 0 });
    expect(await server.value("select count(*) from orders where note = 'spoilt'", "shop")).toBe("0");
    const [, , old, ...others] = (await server.value(databases))?.split(" ") ?? [];
    expect(others).toEqual([]);
    expect(await server.value("select count(*) from orders where note = 'spoilt'", old)).not.toBe("0");
  });
});
