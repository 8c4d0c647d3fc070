import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStoredArchive } from "../../electron/archives/open-stored-archive.ts";
import { openKeyStore } from "../../electron/encryption/key-store.ts";
import { startExport } from "../../electron/jobs/run-export.ts";
import { planPutBack } from "../../electron/put-back/plan-put-back.ts";
import { openSavedStorages } from "../../electron/storage/saved-storages.ts";
import { collectBytes, piecesOf, type Storage } from "../../electron/storage/storage.ts";
import { comesTwice, holdChosen } from "../../electron/verify/hold-chosen.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { backupIn, openServices, type Services } from "../helpers/services.ts";
import { sftpSettings } from "../helpers/sftp.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

/**
 * Backups in a bucket and on an SFTP server, changed there: what was chosen is compared with the manifest before the target is
 * touched, by as few bytes as may be, and what was not chosen is no matter.
 */

const MiB = 1024 * 1024;
const need =
  [
    requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy),
    requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy),
    requirement("OpenSSH's server", hasSshd(), sshdRemedy),
  ].find((each) => each !== "run") ?? "run";
const { signal } = new AbortController();

interface Place {
  /** Of the archive. */
  readonly location: string;
  read(): Promise<Buffer>;
  write(bytes: Uint8Array): Promise<unknown>;
}

describe.skipIf(need !== "run")(`damage far away (${need})`, () => {
  let rgw: TestRgw;
  let sshd: TestSshd;
  let proxy: FaultProxy;
  let server: TestServer;
  let services: Services;
  let bucket: Storage;
  let recipient: string;
  const before = { ...process.env };

  beforeAll(async () => {
    [rgw, server, sshd] = await Promise.all([startRgw(), startServer(15), startSshd()]);
    await makeBucket(rgw, "damaged");
    bucket = await openBucket(rgw, "damaged");
    proxy = await startFaultProxy(rgw.port);
    Object.assign(process.env, rgw.env, { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}` });
    services = await openServices();
    writeFileSync(services.home.knownHostsFile, sshd.knownHosts());
    const settings = sftpSettings(sshd, sshd.folder);
    await openSavedStorages(services.home).add({ name: "nas", preset: null, settings });
    recipient = (await openKeyStore(services.home, services.secrets).create("shop")).recipient;
    await server.run("create database shop");
    await server.run(tables, "shop");
  }, 180_000);
  afterAll(async () => {
    for (const name of [...Object.keys(rgw?.env ?? {}), "AWS_ENDPOINT_URL_S3"]) delete process.env[name];
    Object.assign(process.env, before);
    await bucket?.close();
    services?.close();
    await proxy?.close();
    await server?.stop();
    await sshd?.stop();
    await rgw?.stop();
  });

  const access = () => ({ home: services.home, env: process.env, keys: services.keys, secrets: services.secrets });

  let round = 0;
  let writes = 0;
  /** The same backup in a folder, in the bucket and on the SFTP server. */
  async function backUp(isEncrypted: boolean): Promise<{ local: string; places: Record<"bucket" | "sftp", Place> }> {
    round += 1;
    const job = await services.backUp(server, "shop", {
      compression: { method: "none", level: null },
      recipients: isEncrypted ? [recipient] : [],
      storages: [`s3://damaged/${round}`, `sftp://${sshd.user}@127.0.0.1:${sshd.port}${sshd.folder}/${round}`],
    });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    const { result } = backupIn(job);
    const inBucket = result.copies.find(({ path }) => path?.startsWith("s3:"))?.path ?? "";
    const onSftp = result.copies.find(({ path }) => path?.startsWith("sftp:"))?.path ?? "";
    const key = inBucket.replace("s3://damaged/", "");
    const file = onSftp.slice(onSftp.indexOf("/", "sftp://".length));
    return {
      local: result.path,
      places: {
        bucket: {
          location: inBucket,
          read: async () => Buffer.from(await collectBytes(bucket.readStream(key))),
          write: (bytes) => bucket.write(key, piecesOf(bytes)),
        },
        sftp: {
          location: onSftp,
          read: () => Promise.resolve(readFileSync(file)),
          async write(bytes) {
            writeFileSync(file, bytes);
            // SFTP tells whole seconds: what is written within one looks like what was there, and good blocks are kept of that.
            writes += 1;
            utimesSync(file, writes, writes);
          },
        },
      },
    };
  }

  async function dataOf(path: string, table: string): Promise<{ id: number; start: number; end: number }> {
    const { archive } = await openStoredArchive(path, access());
    try {
      const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === table);
      const { offset, length } = await archive.dataRange(entry?.dumpId ?? 0);
      return { id: entry?.dumpId ?? 0, start: offset, end: offset + length };
    } finally {
      await archive.close();
    }
  }

  const plan = (archive: string) =>
    planPutBack(
      {
        kind: "rows",
        archive,
        ...into("shop"),
        table: "public.small",
        liveTable: null,
        key: null,
        renames: {},
        missing: null,
        changed: [],
        bypassTriggers: false,
      },
      { ...access(), connection: { ...into("shop"), password: null, passwordFrom: "none", warnings: [] } },
      signal,
    );

  const databases = async () => JSON.stringify(await server.run("select datname from pg_database order by 1"));

  it.each([
    ["bucket", "plain"],
    ["bucket", "encrypted"],
    ["sftp", "plain"],
    ["sftp", "encrypted"],
  ] as const)("%s, %s: noticed before the target is touched; elsewhere it is no matter", async (where, kind) => {
    const { local, places } = await backUp(kind === "encrypted");
    const place = places[where];
    const whole = await place.read();
    const small = await dataOf(local, "small");
    const zlarge = await dataOf(local, "zlarge");
    // The stored byte behind a plain one: of an age file its chunks are 16 bytes longer each.
    const header = kind === "encrypted" ? whole.indexOf("\n", whole.indexOf("\n--- ") + 1) + 17 : 0;
    const at = (plain: number) => (kind === "encrypted" ? header + plain + 16 * Math.floor(plain / 65_536) : plain);
    const flipped = (plain: number) => {
      const bytes = Buffer.from(whole);
      bytes[at(plain)]! ^= 4;
      return bytes;
    };
    const choice = choiceOf("small");

    for (let turn = 0; turn < 2; turn += 1) {
      const byte = small.start + 40 + Math.floor(Math.random() * (small.end - small.start - 40));
      await place.write(flipped(byte));
      const held = await codeOf(holdChosen(place.location, [small.id], access(), signal));
      expect([byte, held]).toEqual([byte, kind === "plain" ? "verify.checksumMismatch" : "archive.damaged"]);
      if (turn > 0) continue;
      const there = await databases();
      const job = await services.restore(server, place.location, { choice, newDatabaseName: `no_${where}_${kind}` });
      expect(job).toMatchObject({ state: "failed", error: { code: held } });
      expect(await databases()).toBe(there);
      await server.run(`create database live_${where}_${kind}`);
      const live = into(`live_${where}_${kind}`);
      const intoLive = await services.restore(server, place.location, { ...live, choice, mode: "as-is" });
      expect(intoLive).toMatchObject({ state: "failed", error: { code: held } });
      expect(await server.run("select 1 from pg_class where relname = 'small'", live.target.database)).toEqual([]);
    }

    await place.write(flipped((zlarge.start + zlarge.end) >> 1));
    const job = await services.restore(server, place.location, { choice, newDatabaseName: `back_${where}_${kind}` });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    const picture = "select md5(string_agg(s::text, '|' order by id)) from small s";
    expect(await server.run(picture, `back_${where}_${kind}`)).toEqual(await server.run(picture, "shop"));
    expect(await codeOf(holdChosen(place.location, [zlarge.id], access(), signal))).not.toBe("matches");
  });

  it.each(["plain", "encrypted"] as const)(
    "%s: rows are neither put back nor exported from changed bytes",
    async (kind) => {
      const { local, places } = await backUp(kind === "encrypted");
      const place = places.bucket;
      const small = await dataOf(local, "small");
      await server.run("delete from small where id <= 10", "shop");
      const output = join(services.home.root, `${kind}.csv`);
      const exported = (archive: string) =>
        startExport(
          {
            archive,
            table: "public.small",
            format: "csv",
            where: [],
            search: null,
            limit: null,
            output,
            overwrite: true,
          },
          access(),
          services.jobs,
          {},
        );
      expect(await plan(place.location)).toMatchObject({ missing: 10 });
      expect(await exported(place.location)).toMatchObject({ state: "succeeded", result: { rows: 30_000 } });

      for (const archive of [place.location, local]) {
        const bytes = archive === local ? readFileSync(local) : await place.read();
        // Within a value, where no format tells.
        bytes[(kind === "plain" ? small.start : small.start + 400) + 5000]! ^= 1;
        await (archive === local ? Promise.resolve(writeFileSync(local, bytes)) : place.write(bytes));
        const expected = expect.stringMatching(/^(verify\.checksumMismatch|archive\.damaged)$/);
        expect(await codeOf(plan(archive))).toEqual(expected);
        expect(await exported(archive)).toMatchObject({ state: "failed", error: { code: expected } });
      }
      await server.run("insert into small select n, 'name ' || md5(n::text) from generate_series(1, 10) n", "shop");
    },
  );

  it("another age file for the same key, with the same table of contents, is not taken for the backup", async () => {
    const { places } = await backUp(true);
    const { bucket: place } = places;
    const whole = await place.read();
    // One byte of the nonce behind the header: every chunk could be sealed anew under it by whoever has the recipient alone.
    const nonceAt = whole.indexOf("\n", whole.indexOf("\n--- ") + 1) + 1;
    whole[nonceAt]! ^= 1;
    await place.write(whole);
    expect(await codeOf(openStoredArchive(place.location, access()))).toBe("verify.checksumMismatch");
  });

  it("of an encrypted archive no more is fetched for it than the restore needs", async () => {
    const { local, places } = await backUp(true);
    const { id, start, end } = await dataOf(local, "small");
    const { archive, manifest } = await openStoredArchive(local, access());
    const { tocBytes } = archive;
    await archive.close();
    const manifestBytes = JSON.stringify(manifest, null, 2).length;
    proxy.reset();
    expect(await holdChosen(places.bucket.location, [id], access(), signal)).toBe("matches");
    const choice = choiceOf("small");
    const job = await services.restore(server, places.bucket.location, { choice, newDatabaseName: "few_bytes" });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    const opened = 6;
    const most = 1.1 * (tocBytes + end - start + 2 * 64 * 1024) + 3 * 64 * 1024 + opened * (manifestBytes + 2000);
    expect(proxy.receivedBytes).toBeLessThan(most);
    expect(most).toBeLessThan(3 * MiB);
  });

  it("of what is more than this disk keeps, a restore in place counts both times that it comes", async () => {
    const { places } = await backUp(false);
    const { location } = places.bucket;
    const key = location.replace("s3://damaged/", "").replace(/\.dump$/, ".manifest.json");
    const manifest: Manifest = JSON.parse(Buffer.from(await bucket.read(key)).toString("utf8"));
    // Read in parts of this length, as its manifest has it.
    const part = 1024 * MiB;
    const files = manifest.files.map((file) => ({
      ...file,
      chunkBytes: part,
      sizeBytes: part,
      chunks: ["0".repeat(64)],
    }));
    await bucket.write(key, piecesOf(JSON.stringify({ ...manifest, files })));
    await server.run("create database twice");
    const choice = choiceOf("small");
    const [live] = await services.plan(server, location, { ...into("twice"), choice, mode: "as-is" });
    expect(live).toMatchObject({ bytesToRead: 2 * part, readsTwice: true });
    const [apart] = await services.plan(server, location, { choice, newDatabaseName: "once" });
    expect(apart).toMatchObject({ bytesToRead: part, readsTwice: false });
    expect([comesTwice(512 * MiB, false), comesTwice(513 * MiB, false)]).toEqual([false, true]);
  });

  function into(database: string) {
    const { hosts, ...target } = server.target();
    return { target: { ...target, hosts: hosts.map((host) => ({ ...host })), database } };
  }
});

function choiceOf(name: string) {
  return { kind: "objects" as const, dumpIds: [], tables: [{ schema: "public", name }], schemas: [] };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    (found) => (typeof found === "string" ? found : "done"),
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

/** The small table lies between large ones, further from either end than a hashed part is long. */
const tables = `
  create table large (id int primary key, noise text);
  create table small (id int primary key, name text);
  create table zlarge (id int primary key, noise text);
  insert into large select n, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0)
    from generate_series(1, 8000) n;
  insert into small select n, 'name ' || md5(n::text) from generate_series(1, 30000) n;
  insert into zlarge select n, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0)
    from generate_series(1, 18000) n;
`;
