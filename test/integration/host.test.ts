import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import type { ArgsOf } from "../../shared/contract/methods.ts";
import { methods } from "../../shared/contract/methods.ts";
import { startHost, type TestHost } from "../helpers/host.ts";
import { connectClient, type HostClient, jobsIn } from "../helpers/host-client.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const server15 = requirement("a PostgreSQL 15 server", availableMajors().includes(15), serversRemedy);
const rendererFolder = mkdtempSync(join(tmpdir(), "lifeboat-window-"));

/** A host of its own for each part; what hosts there were ends with the file. */
const hosts: TestHost[] = [];
async function open(env: Record<string, string> = {}): Promise<{ host: TestHost; client: HostClient }> {
  const host = await startHost({ rendererFolder, env });
  hosts.push(host);
  return { host, client: await connectClient(host) };
}

afterAll(async () => {
  for (const host of hosts) {
    const client = await connectClient(host);
    await client.invoke("sample.stop", {});
    client.close();
    await host.stop();
  }
  rmSync(rendererFolder, { recursive: true, force: true });
});

describe.skipIf(server15 !== "run")(`the sample, over the wire ${server15}`, () => {
  let client: HostClient;
  let host: TestHost;
  beforeAll(async () => {
    ({ client, host } = await open());
  });

  it("is backed up, opened, looked into, planned, restored and counted", async () => {
    expect(await client.invoke("hello", {})).toMatchObject({ isFresh: true });
    const started = performance.now();
    const { jobId, profile } = await client.invoke("backup.start", { connection: { kind: "sample" }, database: null });
    // The job makes and starts the sample; nobody waits for the answer.
    expect(performance.now() - started).toBeLessThan(2000);
    expect(profile).toBe("sample");
    const job = await client.ended(jobId);
    expect(job.error).toBeNull();
    expect(job.state).toBe("succeeded");
    expect(job.steps[0]?.name).toBe("Starting the sample");
    expect(job.title).toBe("Back up sample");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of a backup
    const backup = job.result as BackupResult;
    expect(existsSync(backup.path)).toBe(true);
    expect(await client.invoke("hello", {})).toMatchObject({ isFresh: false });
    const listing = await client.invoke("backups.list", {});
    expect(listing.backups).toHaveLength(1);
    expect(listing.backups[0]).toMatchObject({ id: backup.id, database: "shop", profile: "sample", rows: backup.rows });

    const view = await client.invoke("archive.open", { path: backup.path });
    expect(view.backup?.id).toBe(backup.id);
    const { handle } = view;
    const entries = await client.invoke("archive.entries", { handle });
    expect(entries.dumpId).toHaveLength(view.entryCount);
    const at = entries.tag.findIndex(
      (tag, index) => tag === "orders" && entries.texts[entries.desc[index] ?? -1] === "TABLE",
    );
    const orders = entries.dumpId[at] ?? 0;
    const dataAt = entries.partOf.findIndex(
      (id, index) => id === orders && entries.texts[entries.desc[index] ?? -1] === "TABLE DATA",
    );
    const data = entries.dumpId[dataAt] ?? 0;
    expect(entries.rows[dataAt]).toBe(50_000);
    expect(entries.dataBytes[dataAt]).toBeGreaterThan(10_000);

    const rows = (offset: number, limit: number, where: string[] = []) =>
      client.invoke("archive.rows", { handle, dumpId: data, offset, limit, where, search: null });
    const first = await rows(0, 100);
    const second = await rows(100, 100);
    const again = await rows(50, 100);
    expect(first.columns.find(({ name }) => name === "order_id")?.type).toBe("bigint");
    expect(first.isEnd).toBe(false);
    expect([...first.rows, ...second.rows].slice(50, 150)).toEqual(again.rows);
    expect((await rows(49_990, 100)).rows).toHaveLength(10);
    expect((await rows(49_990, 100)).isEnd).toBe(true);
    // With a filter a page ends after a moment, whatever it has found by then.
    const ids: (string | null | undefined)[] = [];
    for (let isEnd = false; !isEnd; ) {
      // oxlint-disable-next-line no-await-in-loop -- each page goes on where the one before ended
      const page = await rows(ids.length, 3, ["order_id <= 100002"]);
      ids.push(...page.rows.map(([id]) => id));
      isEnd = page.isEnd;
    }
    expect(ids).toEqual(["100001", "100002"]);
    expect(
      await client.refused("archive.rows", {
        handle,
        dumpId: data,
        offset: 0,
        limit: 1,
        where: ["nope = 1"],
        search: null,
      }),
    ).toMatchObject({ code: "usage.invalid" });

    expect((await client.invoke("archive.definition", { handle, dumpId: orders })).sql).toContain(
      "CREATE TABLE public.orders",
    );
    const relations = await client.invoke("archive.relations", { handle, dumpId: orders });
    expect(relations.neededBy.length).toBeGreaterThan(0);
    const choice = { kind: "objects" as const, dumpIds: [orders] };
    const closure = await client.invoke("archive.closure", { handle, choice });
    expect(closure.added.length).toBeGreaterThan(3);
    expect(closure.offered.length).toBeGreaterThan(0);

    const plan = await client.invoke("restore.plan", {
      path: backup.path,
      choice,
      into: { kind: "sample" },
      mode: "new-database",
      newDatabaseName: "shop_again",
      noOwner: false,
      noPrivileges: false,
      jobs: null,
    });
    expect(plan).toMatchObject({
      database: "shop_again",
      isNewDatabase: true,
      confirmation: null,
      typeToConfirm: null,
    });
    expect(plan.commands.join()).toContain("pg_restore");
    expect(plan.tables).toEqual([{ schema: "public", name: "orders", rows: 50_000 }]);
    const restore = await client.invoke("restore.start", { planId: plan.planId, confirmation: null });
    const restored = await client.ended(restore.jobId);
    expect(restored.error).toBeNull();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of a restore
    const result = restored.result as RestoreResult;
    expect(result.tables).toEqual([{ schema: "public", name: "orders", rowsExpected: 50_000, rowsRestored: 50_000 }]);
    expect(await client.refused("restore.start", { planId: plan.planId, confirmation: null })).toMatchObject({
      code: "restore.planOutdated",
    });

    const databases = await client.invoke("databases.list", { connection: { kind: "sample" } });
    expect(databases.map(({ name }) => name)).toContain("shop_again");
    const verify = await client.invoke("backups.verify", { path: backup.path, level: "read" });
    expect((await client.ended(verify.jobId)).state).toBe("succeeded");
    const { text } = await client.invoke("jobs.diagnostics", { id: restore.jobId });
    expect(text).toContain("pg_restore");
  });

  it("is backed up again by a retry, also when it was stopped", async () => {
    await client.invoke("sample.stop", {});
    const { backups } = await client.invoke("backups.list", {});
    const stream = client.subscribe("jobs");
    while (stream.length === 0) await sleep(10);
    const first = stream.flatMap(jobsIn).find(({ kind }) => kind === "backup");
    const { jobId } = await client.invoke("jobs.retry", { id: first?.id ?? "" });
    const again = await client.ended(jobId);
    expect(again).toMatchObject({ state: "succeeded", retryOf: first?.id });
    expect((await client.invoke("backups.list", {})).backups).toHaveLength(backups.length + 1);
  });

  it("is started for the retry of a restore into it", async () => {
    await client.invoke("sample.stop", {});
    const stream = client.subscribe("jobs");
    while (stream.length === 0) await sleep(10);
    const first = stream.flatMap(jobsIn).find(({ kind }) => kind === "restore");
    await expect.poll(async () => (await client.invoke("sample.status", {})).state).toBe("stopped");
    // Its database is there already, which nobody can know of a server that does not run.
    expect(await client.refused("jobs.retry", { id: first?.id ?? "" })).toMatchObject({ code: "restore.targetExists" });
    expect((await client.invoke("sample.status", {})).state).toBe("running");
  });

  it("keeps each window's archives to itself, and lets go of them with it", async () => {
    const { backups } = await client.invoke("backups.list", {});
    const path = backups[0]?.path ?? "";
    const { handle } = await client.invoke("archive.open", { path });
    const other = await connectClient(host);
    expect(await other.refused("archive.entries", { handle })).toMatchObject({ code: "archive.notOpen" });
    for (let count = 0; count < 12; count += 1) await other.invoke("archive.open", { path });
    expect(await other.refused("archive.open", { path })).toMatchObject({ code: "contract.tooMany" });
    other.close();
    await client.invoke("archive.close", { handle });
    expect(await client.refused("archive.entries", { handle })).toMatchObject({ code: "archive.notOpen" });
  });

  it("shows archives made elsewhere among the backups, and damaged manifests apart", async () => {
    const folder = host.home.backupsFolder;
    const { backups } = await client.invoke("backups.list", {});
    const path = backups[0]?.path ?? "";
    const copy = join(folder, "from-a-friend.dump");
    copyFileSync(path, copy);
    writeFileSync(join(folder, "old.manifest.json"), "{");
    const listing = await client.invoke("backups.list", {});
    expect(listing.backups.find((backup) => backup.path === copy)).toMatchObject({ id: null, database: "shop" });
    expect(listing.damaged).toHaveLength(1);
    const files = await client.invoke("files.list", { path: folder });
    expect(files.entries.find((entry) => entry.path === copy)).toMatchObject({ kind: "archive" });
  });
});

const password = "s3cret-hunter2-%40";

describe.skipIf(server15 !== "run")(`a server with a password ${server15}`, () => {
  let server: TestServer;
  let client: HostClient;
  beforeAll(async () => {
    server = await startServer(15, { password });
    await server.run("create database shop");
    await server.run(
      "create table t (id int primary key, note text); insert into t select g, repeat('x', 100) from generate_series(1, 1000) g",
      "shop",
    );
    ({ client } = await open({ DATABASE_URL: server.url("shop") }));
  });
  afterAll(() => server.stop());

  const profile = (): ArgsOf<"profiles.save">["profile"] => ({
    name: "shop",
    hosts: [{ host: server.host, port: server.port }],
    database: "shop",
    user: "postgres",
    sslMode: "prefer",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    tunnel: null,
    passwordSource: "keychain",
    environment: "production",
    colour: null,
  });

  it("never sees its password leave again, whatever is called", { timeout: 170_000 }, async () => {
    const called = new Set<string>();
    const call: HostClient["invoke"] = (method, args) => {
      called.add(method);
      return client.invoke(method, args);
    };
    client.subscribe("jobs");
    client.subscribe("settings");
    client.subscribe("changes");
    await call("hello", {});
    const found = await call("databases.find", {});
    const inEnvironment = found.find(({ source, database }) => source === "environment" && database === "shop");
    expect(inEnvironment).toBeDefined();
    const parsed = await call("profiles.parse", { text: `export DATABASE_URL="${server.url("shop")}"` });
    expect(parsed).toMatchObject({ hasPassword: true, profile: { name: "shop", database: "shop", user: "postgres" } });

    const failed = await call("profiles.test", { profile: profile(), password: "wrong" });
    expect(failed.find(({ state }) => state === "failed")).toMatchObject({
      step: "login",
      error: { code: "connection.authentication" },
    });
    const passed = await call("profiles.test", { profile: profile(), password });
    expect(passed.every(({ state }) => state === "passed")).toBe(true);
    const saved = await call("profiles.save", { profile: profile(), replaces: null, password });
    expect(["keychain", "memory"]).toContain(saved.passwordKeptIn);
    expect(await call("profiles.list", {})).toMatchObject([{ name: "shop", environment: "production" }]);
    const connection = { kind: "profile", name: "shop" } as const;
    expect((await call("databases.list", { connection })).map(({ name }) => name)).toContain("shop");
    expect((await call("databases.preflight", { connection })).tool.error).toBeNull();

    // A found database and a URL of the same connection are the profile that is there.
    const id = inEnvironment?.id ?? "";
    const byId = await call("backup.start", { connection: { kind: "found", id }, database: null });
    const first = await client.ended(byId.jobId);
    expect(first.error).toBeNull();
    expect(byId.profile).toBe("shop");
    const other = await call("backup.start", {
      connection: { kind: "url", url: server.url("postgres") },
      database: null,
      options: { schemaOnly: true, globals: true },
    });
    expect(other.profile).toBe("postgres");
    expect((await client.ended(other.jobId)).state).toBe("succeeded");
    // A backup's file is named by the second.
    await sleep(1100);
    const retried = await call("jobs.retry", { id: other.jobId });
    expect((await client.ended(retried.jobId)).error).toBeNull();

    const { backups } = await call("backups.list", {});
    const path = backups.find(({ database }) => database === "shop")?.path ?? "";
    const { handle } = await call("archive.open", { path });
    const entries = await call("archive.entries", { handle });
    const table = entries.dumpId[entries.tag.indexOf("t")] ?? 0;
    const data =
      entries.dumpId[entries.partOf.findIndex((of, at) => of === table && (entries.dataBytes[at] ?? 0) > 0)] ?? 0;
    await call("archive.definition", { handle, dumpId: table });
    await call("archive.rows", { handle, dumpId: data, offset: 0, limit: 5, where: [], search: null });
    await call("archive.relations", { handle, dumpId: table });
    await call("archive.closure", { handle, choice: { kind: "everything" } });
    const file = { folder: dirname(path), fileName: "t.csv" };
    const exported = await call("archive.export", {
      handle,
      dumpId: data,
      format: "csv",
      where: [],
      search: null,
      ...file,
    });
    expect((await client.ended(exported.jobId)).error).toBeNull();
    expect(await call("archive.largeObjects", { handle, dumpId: table, offset: 0, limit: 10 })).toMatchObject({
      objects: [],
      isEnd: true,
    });
    const bytesOf = { kind: "value" as const, dumpId: data, row: 0, column: 0, where: [], search: null };
    const value = await call("archive.saveBytes", { handle, bytesOf, ...file, fileName: "value.txt" });
    expect((await client.ended(value.jobId)).error).toBeNull();
    await call("archive.close", { handle });

    const plan = await call("restore.plan", {
      path,
      choice: { kind: "objects", dumpIds: [table] },
      into: connection,
      mode: "new-database",
      newDatabaseName: "shop_copy",
      noOwner: true,
      noPrivileges: true,
      jobs: 1,
    });
    expect(plan).toMatchObject({ environment: "production", typeToConfirm: "shop_copy" });
    const { planId } = plan;
    for (const confirmation of [null, "", "shop", "SHOP_COPY"])
      expect(await client.refused("restore.start", { planId, confirmation })).toMatchObject({
        code: "restore.confirmationNeeded",
      });
    const restore = await call("restore.start", { planId, confirmation: "shop_copy" });
    expect((await client.ended(restore.jobId)).state).toBe("succeeded");
    expect(await server.value("select count(*) from t", "shop_copy")).toBe("1000");

    await server.run("delete from t where id = 7", "shop");
    const lost = { path, dumpId: table, missing: null, changed: [] };
    const compared = await call("compare.run", { path, dumpId: table, with: connection, limit: 5 });
    expect(compared.counts).toMatchObject({ missing: 1, changed: 0, added: 0, same: 999 });
    const itself = { kind: "archive" as const, path };
    const same = await call("compare.run", { path, dumpId: table, with: itself, limit: 5 });
    expect(same).toMatchObject({ environment: null, counts: { missing: 0, changed: 0, added: 0, same: 1000 } });
    expect(await call("archive.databases", { path })).toEqual([]);
    expect(await call("compare.schemas", { path, with: itself })).toMatchObject({
      counts: { changed: 0, removed: 0, added: 0 },
      tables: [{ dumpId: data, name: "public.t" }],
    });
    const putBack = await call("putBack.plan", { ...lost, into: connection });
    expect(await client.refused("putBack.start", { planId: putBack.planId, confirmation: null })).toMatchObject({
      code: "restore.confirmationNeeded",
    });
    const back = await call("putBack.start", { planId: putBack.planId, confirmation: "shop" });
    expect((await client.ended(back.jobId)).error).toBeNull();
    expect(await server.value("select count(*) from t", "shop")).toBe("1000");
    expect(await client.refused("jobs.retry", { id: back.jobId })).toMatchObject({ code: "job.notRetryable" });
    const undone = await call("putBack.undo", { jobId: back.jobId, confirmation: "shop" });
    expect((await client.ended(undone.jobId)).error).toBeNull();
    expect(await server.value("select count(*) from t", "shop")).toBe("999");

    const verify = await call("backups.verify", { path, level: "checksum" });
    expect((await client.ended(verify.jobId)).state).toBe("succeeded");
    const checks = await call("backups.checks", { path });
    expect(checks).toMatchObject({ refused: [], olderCount: 0, last: { level: "checksum", outcome: "good" } });
    expect(checks.checks.map(({ machine, rows }) => ({ machine, rows }))).toEqual([
      { machine: hostname(), rows: null },
    ]);
    called.add("backups.copy");
    expect(await client.refused("backups.copy", { path, storages: [], folder: null })).toMatchObject({
      code: "usage.invalid",
    });
    await call("jobs.get", { id: restore.jobId });
    await call("jobs.log", { id: restore.jobId, offset: 0 });
    await call("jobs.diagnostics", { id: restore.jobId });
    await client.refused("jobs.cancel", { id: restore.jobId });
    await call("doctor.run", {});
    await call("settings.get", {});
    await call("settings.set", { theme: "dark" });
    await call("files.list", { path: null });
    await expect.poll(() => call("archives.recent", {})).toMatchObject([{ path, database: "shop" }]);
    await call("archives.forget", { archive: path });
    expect(await call("archives.recent", {})).toEqual([]);
    expect(await call("archives.thaw", { path, ask: null })).toMatchObject({ frozen: 0, ongoing: 0, readyUntil: null });
    expect((await call("archives.cache", {})).mostBytes).toBeGreaterThan(0);
    expect(await call("archives.clearCache", {})).toMatchObject({ bytes: 0 });
    await call("sample.status", {});
    // Mistakes a person makes: what was typed must not come back in the error either.
    const url = `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:1/shop`;
    await client.refused("databases.list", { connection: { kind: "url", url } });
    await client.refused("profiles.parse", { text: `postgresql://postgres:${password}@x@127.0.0.1/shop` });
    await client.refused("profiles.parse", { text: `host=127.0.0.1 password=${password} nonsense=1` });
    await client.refused("backup.start", { connection: { kind: "url", url: password }, database: null });
    await client.refused("databases.list", { connection, password: { text: password } });
    await client.refused("profiles.save", { profile: { ...profile(), password }, replaces: null });
    const tunnel = { host: "127.0.0.1", port: 1, user: "me", authentication: "password", keyFile: null } as const;
    called.add("profiles.hostKey").add("profiles.trustHostKey");
    await client.refused("profiles.hostKey", { tunnel });
    await client.refused("profiles.trustHostKey", { tunnel, fingerprint: `SHA256:${"A".repeat(43)}` });
    await call("profiles.setPlaces", { name: "shop", places: { folder: null, storages: [], recipients: [] } });
    await call("profiles.remove", { name: "shop" });

    // Those of storages and keys have their own such test: storages-host.test.ts.
    const untried = Object.keys(methods).filter((name) => !called.has(name) && !/^(storages|keys)\./.test(name));
    expect(untried.toSorted()).toEqual([
      "dialogs.chooseFolder",
      "dialogs.openArchive",
      "jobs.cancel",
      "sample.reset",
      "sample.start",
      "sample.stop",
      "shell.reveal",
    ]);
    const secrets = [password, encodeURIComponent(password), Buffer.from(password).toString("base64")];
    expect(client.frames.length).toBeGreaterThan(60);
    for (const secret of secrets)
      expect(client.frames.filter((frame) => frame.includes(secret)).map((frame) => frame.slice(0, 300))).toEqual([]);
  });

  it("gives an unknown database, a wrong password and no password their own codes", async () => {
    const connection = { kind: "url", url: `postgresql://postgres@127.0.0.1:${server.port}/shop` } as const;
    expect(await client.refused("databases.preflight", { connection })).toMatchObject({
      code: "connection.passwordMissing",
    });
    expect(await client.refused("databases.preflight", { connection, password: "wrong" })).toMatchObject({
      code: "connection.authentication",
    });
    expect((await client.invoke("databases.preflight", { connection, password })).database).toBe("shop");
    expect(await client.refused("databases.list", { connection: { kind: "found", id: "none" } })).toMatchObject({
      code: "connection.invalid",
    });
    expect(await client.refused("databases.list", { connection: { kind: "profile", name: "none" } })).toMatchObject({
      code: "profile.notFound",
    });
  });

  it("lets a typed password serve until the program ends", async () => {
    const asked = { ...profile(), name: "asked", passwordSource: "ask" as const };
    await client.invoke("profiles.save", { profile: asked, replaces: null });
    const connection = { kind: "profile", name: "asked" } as const;
    expect(await client.refused("databases.list", { connection })).toMatchObject({
      code: "connection.passwordMissing",
    });
    await client.invoke("databases.list", { connection, password });
    await client.invoke("databases.list", { connection });
    await client.invoke("profiles.save", { profile: { ...asked, name: "renamed" }, replaces: "asked" });
    await client.invoke("databases.list", { connection: { kind: "profile", name: "renamed" } });
    expect((await client.invoke("profiles.list", {})).map(({ name }) => name)).not.toContain("asked");
  });
});
