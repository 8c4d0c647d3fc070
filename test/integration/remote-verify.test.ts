import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, recipientOf } from "../../electron/encryption/age-package.ts";
import { openKeyRing } from "../../electron/encryption/key-ring.ts";
import { startVerify } from "../../electron/jobs/run-verify.ts";
import { copyBackup } from "../../electron/storage/copy-backup.ts";
import { collectBytes, piecesOf, type Storage } from "../../electron/storage/storage.ts";
import type { BackupResult, VerifyResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import { denyWriting, makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, type Services } from "../helpers/services.ts";

/** Backups in a bucket, verified there: every byte, every row, and by pg_restore. */

const serverHere = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const need = serverHere === "run" ? rgwHere : serverHere;

describe.skipIf(need !== "run")(`verifying in a bucket (${need})`, () => {
  let rgw: TestRgw;
  let server: TestServer;
  let services: Services;
  let database: string;
  let bucket: Storage;
  let env: Record<string, string>;
  const before = { ...process.env };

  beforeAll(async () => {
    [rgw, server] = await Promise.all([startRgw(), startServer(15)]);
    await makeBucket(rgw, "verified");
    bucket = await openBucket(rgw, "verified");
    database = await seedTypesAndObjects(server);
    services = await openServices();
    env = { ...rgw.env };
    Object.assign(process.env, env);
  }, 180_000);
  afterAll(async () => {
    for (const name of Object.keys(env ?? {})) delete process.env[name];
    Object.assign(process.env, before);
    await bucket?.close();
    services?.close();
    await server?.stop();
    await rgw?.stop();
  });

  let round = 0;
  async function backUp(changes: Parameters<Services["backUp"]>[2]): Promise<string> {
    const places = { locations: [], storages: [`s3://verified/${(round += 1)}`] };
    const job = await services.backUp(server, database, { ...places, ...changes });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
    const { path, copies } = job.result as BackupResult;
    return copies[0]?.path ?? path;
  }
  const verify = (path: string, level: "checksum" | "read", keys = services.keys): Promise<Job> =>
    startVerify({ path, level }, { home: services.home, env, keys }, services.jobs, {});

  it.each([
    ["custom", {}, "readWhole"],
    ["tar", { format: "tar" }, "readWhole"],
    ["plain", { format: "plain", compression: { method: "gzip", level: 6 } }, "notApplicable"],
    ["directory", { format: "directory", locations: null }, "notApplicable"],
  ] as const)("%s: every byte, every row, as many as were written", async (_name, { ...changes }, pgRestore) => {
    const folder = join(services.home.backupsFolder, "directory");
    const path = await backUp({ ...changes, locations: "locations" in changes ? [folder] : [] });
    expect(path).toMatch(/^s3:\/\//);
    const checked = await verify(path, "checksum");
    expect(checked, checked.error?.message).toMatchObject({ state: "succeeded", result: { checksum: "matches" } });
    const read = await verify(path, "read");
    expect(read, read.error?.message).toMatchObject({ state: "succeeded", result: { rowCounts: "match", pgRestore } });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-verify
    expect((read.result as VerifyResult).rows).toBeGreaterThan(0);
  });

  it("what was found stands beside the backup, for every machine; each backup names the one before it", async () => {
    const storages = ["s3://verified/history"];
    const first = await services.backUp(server, database, { locations: [], storages });
    const path = `s3://verified/${keyOf(first)}`;
    const read = await verify(path, "read");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-verify
    const { record, rows } = read.result as VerifyResult;
    expect(record).toMatch(/\.proof\.\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/);
    const proofs = async () => {
      const found = [];
      for await (const { path: at } of bucket.list("history", { recursive: true }))
        if (at.includes(".proof.")) found.push(JSON.parse(Buffer.from(await bucket.read(at)).toString("utf8")));
      return found;
    };
    expect(await proofs()).toMatchObject([{ level: "read", outcome: "good", rows, error: null }]);
    const key = keyOf(first);
    const whole = await collectBytes(bucket.readStream(key));
    await bucket.write(key, piecesOf(Buffer.concat([whole, Buffer.from("x")])));
    expect(await verify(path, "checksum")).toMatchObject({ state: "failed", error: { code: "verify.sizeMismatch" } });
    expect(new Set((await proofs()).map(({ outcome }) => outcome))).toEqual(new Set(["bad", "good"]));
    await bucket.write(key, piecesOf(whole));

    const second = await services.backUp(server, database, { locations: [], storages });
    const text = await bucket.read(keyOf(second).replace(/\.dump$/, ".manifest.json"));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
    const { id } = first.result as BackupResult;
    expect(JSON.parse(Buffer.from(text).toString("utf8"))).toMatchObject({
      previousId: id,
      previousIn: `${rgw.endpoint}/verified/history`,
    });

    // One that goes without a word is missed, on every machine; copies of some of them elsewhere miss none.
    const third = await services.backUp(server, database, { locations: [], storages });
    const elsewhere = await openBucket(rgw, "verified", "some");
    for (const job of [first, third]) {
      const manifest = keyOf(job).replace(/\.dump$/, ".manifest.json");
      await copyBackup(bucket, manifest, elsewhere, { signal: new AbortController().signal });
    }
    await elsewhere.close();
    await bucket.delete(keyOf(second).replace(/\.dump$/, ".manifest.json"));
    await bucket.delete(keyOf(second));
    const options = { env: { ...env, LIFEBOAT_HOME: join(services.home.root, "another") } };
    const told = await runCli(["backups", "--in", "s3://verified/history/"], options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
    const gone = (second.result as BackupResult).id;
    expect(told.stderr).toContain(`the backup before this one is missing: ${gone}`);
    expect((await runCli(["backups", "--in", "s3://verified/some"], options)).stderr).not.toContain("missing");
  });

  it("encrypted: with the key all of it, without it not a row", async () => {
    const identity = await createIdentity();
    const path = await backUp({ recipients: [await recipientOf(identity)] });
    const file = join(services.home.root, "key.txt");
    writeFileSync(file, `${identity.reveal()}\n`, { mode: 0o600 });
    const keys = openKeyRing({ home: services.home, env: {}, identityFile: file, secrets: services.secrets });
    const read = await verify(path, "read", keys);
    expect(read, read.error?.message).toMatchObject({
      state: "succeeded",
      result: { checksum: "matches", rowCounts: "match", pgRestore: "readWhole" },
    });
    expect(await verify(path, "read")).toMatchObject({ state: "failed", error: { code: "archive.keyMissing" } });
    expect(await verify(path, "checksum")).toMatchObject({ state: "succeeded" });
  });

  it("tells what was changed, cut or taken away, by the manifest and without it", async () => {
    const path = await backUp({ compression: { method: "gzip", level: 6 } });
    const key = path.replace("s3://verified/", "");
    const whole = Buffer.from(await collectBytes(bucket.readStream(key)));
    const put = (bytes: Uint8Array) => bucket.write(key, piecesOf(bytes));
    const changed = Buffer.from(whole);
    changed[whole.length >> 1]! ^= 1;
    await put(changed);
    for (const level of ["checksum", "read"] as const)
      expect(await verify(path, level)).toMatchObject({ state: "failed", error: { code: "verify.checksumMismatch" } });
    await put(whole.subarray(0, -1));
    expect(await verify(path, "read")).toMatchObject({ error: { code: "verify.sizeMismatch" } });
    await bucket.delete(key.replace(/\.dump$/, ".manifest.json"));
    expect(await verify(path, "checksum")).toMatchObject({ error: { code: "verify.noManifest" } });
    expect(await verify(path, "read")).toMatchObject({ state: "failed", error: { code: "archive.truncated" } });
    await put(whole);
    expect(await verify(path, "read")).toMatchObject({ state: "succeeded", result: { checksum: "noManifest" } });
    await bucket.delete(key);
    expect(await verify(path, "read")).toMatchObject({ state: "failed", error: { code: "storage.notFound" } });
  });

  it("a verdict stands where nothing may be written", async () => {
    const path = await backUp({});
    await denyWriting(rgw, "verified", "*.proof.*");
    const job = await verify(path, "checksum");
    expect(job).toMatchObject({ state: "succeeded", result: { checksum: "matches", record: null } });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-verify
    expect((job.result as VerifyResult).notes.join(" ")).toContain("could not be written beside the backup");
  });
});

/** Of a backup's archive, in the bucket. */
function keyOf({ result }: Job): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
  return (result as BackupResult).path.replace("s3://verified/", "");
}
