import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import type { BackupResult } from "../../shared/contract/job-results.ts";
import { type ArgsOf, type MethodName, methods } from "../../shared/contract/methods.ts";
import { bucketSettings, makeBucket, openBucket } from "../helpers/bucket.ts";
import { startHost, type TestHost } from "../helpers/host.ts";
import { connectClient, type HostClient } from "../helpers/host-client.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { createDatabase } from "../helpers/seed.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { putBackup } from "../helpers/stored-backup.ts";

// Storages and keys as a window uses them, over the wire, with a real S3 server.

const run = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(run !== "run")(`storages over the wire (${run})`, () => {
  let rgw: TestRgw;
  let server: TestServer;
  let host: TestHost;
  let client: HostClient;
  const called = new Set<string>();
  const call: HostClient["invoke"] = (method, args) => {
    called.add(method);
    return client.invoke(method, args);
  };
  const refused = <N extends MethodName>(method: N, args: ArgsOf<N>) => {
    called.add(method);
    return client.refused(method, args);
  };
  const storage = () => ({ name: "offsite", preset: "ceph", settings: bucketSettings(rgw, "backups", "db") });

  beforeAll(async () => {
    [rgw, server] = await Promise.all([startRgw(), startServer(15)]);
    await makeBucket(rgw, "backups");
    await createDatabase(server, "shop");
    await server.run(
      "create table t as select g as id, repeat('x', 50) as text from generate_series(1, 2000) g",
      "shop",
    );
    host = await startHost({ rendererFolder: tmpdir() });
    client = await connectClient(host);
    client.subscribe("changes");
    client.subscribe("jobs");
  });
  afterAll(async () => {
    client?.close();
    await host?.stop();
    await Promise.all([server?.stop(), rgw?.stop()]);
  });

  it("tests a storage step by step, with a wrong secret and the right one, and saves it", async () => {
    const steps = client.subscribe("storageTests");
    const wrong = await call("storages.test", { storage: storage(), testId: "wrong", secret: "not-the-secret-at-all" });
    expect(wrong).toMatchObject({ ok: false, error: { code: "storage.credentials" } });
    expect(wrong.steps.find(({ state }) => state === "failed")).toMatchObject({ step: "login" });
    const good = await call("storages.test", { storage: storage(), testId: "good", secret: rgw.secretAccessKey });
    expect(good.error).toBeNull();
    const told = steps.flatMap(({ value }) => (JSON.stringify(value).includes('"good"') ? [value] : []));
    expect(told.length).toBeGreaterThanOrEqual(6);

    // Not saved yet, so there is no secret to take.
    expect(await call("storages.test", { storage: storage(), testId: "none" })).toMatchObject({
      error: { code: expect.stringMatching(/^(storage\.credentials|secrets\.unavailable)$/) },
    });
    const saved = await call("storages.save", { storage: storage(), isNew: true, secret: rgw.secretAccessKey });
    expect(["keychain", "memory"]).toContain(saved.secretKeptIn);
    expect(await refused("storages.save", { storage: storage(), isNew: true })).toMatchObject({
      code: "storage.nameTaken",
    });
    // Changed without typing the secret again: it stays.
    await call("storages.save", { storage: storage(), isNew: false });
    expect((await call("storages.test", { storage: storage(), testId: "saved" })).ok).toBe(true);
    expect(await call("storages.list", {})).toMatchObject([
      { name: "offsite", address: "s3://backups/db", retention: null, usedBy: [] },
    ]);
    expect(readFileSync(join(host.home.root, "storages.json"), "utf8")).not.toContain(rgw.secretAccessKey);
  });

  it("shows what lies there as backups and as files, and looks into an archive", async () => {
    const url = server.url("shop");
    const started = await call("backup.start", { connection: { kind: "url", url }, database: null });
    const job = await client.ended(started.jobId);
    expect(job.error).toBeNull();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
    const { path: archive, id } = job.result as BackupResult;
    const bucket = await openBucket(rgw, "backups", "db");
    const copy = await client.invoke("backups.copy", { path: archive, storages: ["offsite"], folder: null });
    expect((await client.ended(copy.jobId)).error).toBeNull();
    const path = `s3://backups/db/shop/${basename(archive)}`;
    await bucket.write("shop/readme.txt", pieces("not ours"));

    const listing = await call("storages.backups", { name: "offsite" });
    expect(listing.backups).toMatchObject([{ id, path, database: "shop", tables: 1, rows: 2000, recipients: [] }]);
    expect(listing).toMatchObject({ pinned: [], damaged: [], withoutManifest: [] });

    expect((await call("storages.browse", { name: "offsite", at: "" })).entries).toMatchObject([
      { name: "shop", kind: "folder", path: "shop" },
    ]);
    const inner = await call("storages.browse", { name: "offsite", at: "shop" });
    expect(inner.entries.map(({ kind }) => kind).toSorted()).toEqual(["backup", "manifest", "other"]);
    expect(inner.entries.find(({ kind }) => kind === "backup")?.archive).toBe(path);
    expect(await refused("storages.browse", { name: "offsite", at: "../.." })).toMatchObject({
      code: "storage.invalid",
    });

    const { handle, entryCount } = await client.invoke("archive.open", { path });
    expect(entryCount).toBeGreaterThan(1);
    const entries = await client.invoke("archive.entries", { handle });
    const data = entries.dumpId[entries.dataBytes.findIndex((bytes) => bytes > 0)] ?? 0;
    const page = await client.invoke("archive.rows", {
      handle,
      dumpId: data,
      offset: 0,
      limit: 3,
      where: [],
      search: null,
    });
    expect(page.rows).toHaveLength(3);
    await client.invoke("archive.close", { handle });

    const plan = await client.invoke("restore.plan", {
      path,
      choice: { kind: "everything" },
      into: { kind: "url", url },
      mode: "new-database",
      newDatabaseName: "shop_back",
      noOwner: true,
      noPrivileges: true,
      jobs: null,
    });
    const restore = await client.invoke("restore.start", { planId: plan.planId, confirmation: null });
    expect((await client.ended(restore.jobId)).error).toBeNull();
    expect(await server.value("select count(*) from t", "shop_back")).toBe("2000");
    await bucket.close();
  });

  it("mirrors this computer's backups there, and sends and fetches single files", async () => {
    const bucket = await openBucket(rgw, "backups", "db");
    const made = await putBackup(createLocalStorage(host.home.backupsFolder), "2026-09-01T02:00:00Z");
    const mirror = await call("storages.mirror", { from: null, to: "offsite", database: "shop" });
    const mirrored = await client.ended(mirror.jobId);
    expect(mirrored).toMatchObject({ state: "succeeded", result: { copied: [{ id: made.id }], failed: [] } });
    expect(await refused("storages.mirror", { from: "offsite", to: "offsite", database: null })).toMatchObject({
      code: "usage.invalid",
    });

    const user = join(host.home.backupsFolder, "files");
    mkdirSync(user, { recursive: true });
    writeFileSync(join(user, "old.sql"), "select 1;");
    const up = await call("storages.upload", { name: "offsite", at: "elsewhere", file: join(user, "old.sql") });
    expect((await client.ended(up.jobId)).error).toBeNull();
    expect(Buffer.from(await bucket.read("elsewhere/old.sql")).toString()).toBe("select 1;");
    // What is there is not replaced.
    const again = await call("storages.upload", { name: "offsite", at: "elsewhere", file: join(user, "old.sql") });
    expect(await client.ended(again.jobId)).toMatchObject({ state: "failed", error: { code: "storage.conflict" } });
    const down = await call("storages.download", {
      name: "offsite",
      path: "elsewhere/old.sql",
      folder: join(user, "in"),
    });
    expect((await client.ended(down.jobId)).error).toBeNull();
    expect(readFileSync(join(user, "in", "old.sql"), "utf8")).toBe("select 1;");
    expect(await refused("storages.download", { name: "offsite", path: "../x", folder: user })).toMatchObject({
      code: "storage.invalid",
    });
    await bucket.delete("elsewhere/old.sql");
    await bucket.close();
  });

  it("pins, deletes one with a preview, and prunes what was agreed to", async () => {
    const bucket = await openBucket(rgw, "backups", "db");
    const days = [1, 2, 3, 4, 5].map((day) => `2026-10-0${day}T02:00:00Z`);
    const made = await Promise.all(days.map((day) => putBackup(bucket, day, { database: "old" })));
    const ids = made.map(({ id }) => id);
    const [first = "", second = ""] = ids;

    await call("storages.pin", { name: "offsite", id: first, isPinned: true });
    expect((await call("storages.backups", { name: "offsite" })).pinned).toEqual([first]);
    expect(await call("storages.holds", { name: "offsite", manifests: made.map(({ path }) => path) })).toEqual([]);
    expect(await call("storages.deleteBackup", { name: "offsite", id: first })).toEqual({
      keptBecause: "it is pinned",
    });

    const preview = await call("storages.deletePreview", { name: "offsite", id: second });
    expect(preview).toMatchObject({
      id: second,
      database: "old",
      isPinned: false,
      othersLeft: 4,
      newestLeft: days[4]?.replace("Z", ".000Z"),
    });
    expect(new Set(preview.files)).toEqual(new Set([...(made[1]?.files ?? []), made[1]?.path]));
    expect(await call("storages.deleteBackup", { name: "offsite", id: second })).toEqual({ keptBecause: null });
    expect(await refused("storages.deletePreview", { name: "offsite", id: second })).toMatchObject({
      code: "backup.notFound",
    });

    const choice = { name: "offsite", keep: "last 1", database: "old", timeZone: "UTC" } as const;
    const plan = await call("storages.prunePreview", choice);
    const due = plan.backups.filter(({ verdict }) => verdict === "due");
    expect(new Set(due.map(({ id }) => id))).toEqual(new Set([ids[2], ids[3]]));
    expect(plan.backups.find(({ id }) => id === first)?.reasons.join(" ")).toContain("pinned");
    // Of two that are due a person agreed to one.
    const agreed = due.slice(0, 1).map(({ path }) => path);
    const { jobId } = await call("storages.prune", { ...choice, agreed });
    expect((await client.ended(jobId)).state).toBe("succeeded");
    const left = await call("storages.backups", { name: "offsite" });
    expect(left.backups.filter(({ database }) => database === "old")).toHaveLength(3);

    await call("storages.setRetention", { name: "offsite", keep: "7 daily" });
    expect(await refused("storages.setRetention", { name: "offsite", keep: "for ever" })).toMatchObject({
      code: "usage.invalid",
    });
    await call("storages.save", { storage: storage(), isNew: false });
    expect(await call("storages.list", {})).toMatchObject([{ retention: "7 daily" }]);
    await bucket.close();
  });

  it("makes a key and its kit, and counts it as recoverable only when the kit has opened something", async () => {
    const passphrase = "four words nobody guesses";
    const key = await call("keys.create", { name: "shop" });
    expect(key).toMatchObject({ name: "shop", kitTriedAt: null });
    expect(
      await refused("keys.saveKit", { recipient: key.recipient, passphrase: "short", folder: host.home.backupsFolder }),
    ).toMatchObject({ code: "encryption.passphraseWeak" });
    mkdirSync(host.home.backupsFolder, { recursive: true });
    const kit = await call("keys.saveKit", { recipient: key.recipient, passphrase, folder: host.home.backupsFolder });
    const places = { folder: null, storages: ["offsite"], recipients: [key.recipient] };
    const [profile] = await client.invoke("profiles.list", {});
    // With a keychain it may be chosen at once.
    const early = await client.invoke("profiles.setPlaces", { name: profile?.name ?? "", places }).then(
      () => "chosen",
      (error: unknown) => String(error),
    );
    expect(early).toContain(key.keptIn === "memory" ? "was not tried yet" : "chosen");
    expect(
      await refused("keys.tryKit", { kit: { from: "file", path: kit.text }, passphrase: "another one altogether" }),
    ).toMatchObject({ code: "encryption.wrongPassphrase" });
    const tried = await call("keys.tryKit", {
      kit: { from: "text", text: readFileSync(kit.page, "utf8") },
      passphrase,
    });
    expect(tried.kitTriedAt).not.toBeNull();
    await call("profiles.setPlaces", { name: profile?.name ?? "", places });
    expect(await call("keys.list", {})).toMatchObject([{ name: "shop", recipient: key.recipient }]);
    expect(await refused("storages.remove", { name: "offsite" })).toMatchObject({ code: "storage.inUse" });
    await call("profiles.setPlaces", { name: profile?.name ?? "", places: { ...places, storages: [] } });

    // Elsewhere, with the kit alone.
    const other = await startHost({ rendererFolder: tmpdir() });
    const elsewhere = await connectClient(other);
    try {
      mkdirSync(other.home.backupsFolder, { recursive: true });
      const path = join(other.home.backupsFolder, "kit.txt");
      copyFileSync(kit.text, path);
      called.add("keys.importKit");
      expect(
        await elsewhere.invoke("keys.importKit", { kit: { from: "file", path }, passphrase, name: "shop" }),
      ).toMatchObject({ recipient: key.recipient, kitTriedAt: expect.any(String) });
      expect([...client.frames, ...elsewhere.frames].filter((frame) => frame.includes(passphrase))).toEqual([]);
      expect([...client.frames, ...elsewhere.frames].filter((frame) => frame.includes("AGE-SECRET-KEY"))).toEqual([]);
    } finally {
      elsewhere.close();
      await other.stop();
    }
    await call("storages.remove", { name: "offsite" });
  });

  it("takes an SSH public key in, and counts it once its private key was tried", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lifeboat-window-ssh-"));
    try {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
      const line = readFileSync(join(folder, "key.pub"), "utf8");
      const key = await call("keys.add", { recipient: line, name: "laptop" });
      expect(key).toMatchObject({ name: "laptop", kitTriedAt: null, keptIn: null });
      expect(key.recipient).toBe(line.split(" ").slice(0, 2).join(" "));
      const [profile] = await client.invoke("profiles.list", {});
      const choice = { name: profile?.name ?? "", places: { folder: null, storages: [], recipients: [key.recipient] } };
      expect(await refused("profiles.setPlaces", choice)).toMatchObject({ code: "encryption.kitNotTried" });
      const saveKit = { recipient: key.recipient, passphrase: "four words nobody guesses" };
      expect(await refused("keys.saveKit", { ...saveKit, folder: host.home.backupsFolder })).toMatchObject({
        code: "encryption.kitNotNeeded",
      });
      const text = readFileSync(join(folder, "key"), "utf8");
      const tried = await call("keys.tryKit", { kit: { from: "text", text }, passphrase: "" });
      expect(tried).toMatchObject({ kitTriedAt: expect.any(String), keptIn: null });
      await call("profiles.setPlaces", choice);
      // Taken in, it opens backups unasked.
      expect(
        await call("keys.importKit", { kit: { from: "text", text }, passphrase: "", name: "laptop" }),
      ).toMatchObject({ recipient: key.recipient, keptIn: expect.any(String) });
      expect(client.frames.filter((frame) => frame.includes("PRIVATE KEY"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("was asked for everything, and no secret ever came back", () => {
    const all = Object.keys(methods).filter((name) => /^(storages|keys)\./.test(name));
    expect(all.filter((name) => !called.has(name))).toEqual([]);
    const { secretAccessKey: secret } = rgw;
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")])
      expect(client.frames.filter((frame) => frame.includes(form)).map((frame) => frame.slice(0, 300))).toEqual([]);
  });
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
