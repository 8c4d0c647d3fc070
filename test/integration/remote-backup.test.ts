import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyBackup } from "../../electron/storage/copy-backup.ts";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Copies of backups in a bucket, made by `lifeboat backup --to s3://…` against a real gateway. */

const serverHere = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const need = serverHere === "run" ? rgwHere : serverHere;

describe.skipIf(need !== "run")(`backups with a copy in a bucket (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-offsite-"));
  let rgw: TestRgw;
  let server: TestServer;
  let database: string;
  let storage: Storage;
  let env: Record<string, string>;

  beforeAll(async () => {
    [rgw, server] = await Promise.all([startRgw(), startServer(15)]);
    await makeBucket(rgw, "copies");
    storage = await openBucket(rgw, "copies", "db");
    database = await seedTypesAndObjects(server);
    env = { ...rgw.env, LIFEBOAT_HOME: join(folder, "home"), HOME: folder };
  }, 180_000);
  afterAll(async () => {
    await storage?.close();
    await server?.stop();
    await rgw?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const backUp = (...args: string[]) => runCli(["backup", "--url", server.url(database), "--json", ...args], { env });
  async function pathsIn(within: string): Promise<string[]> {
    const paths: string[] = [];
    for await (const { path } of storage.list(within, { recursive: true })) paths.push(path);
    return paths.toSorted();
  }

  it.each(["custom", "directory"])(
    "in %s format lie there whole, and their list is told from there alone",
    async (format) => {
      const ended = await backUp(
        "--to",
        join(folder, format),
        "--to",
        "s3://copies/db",
        "--format",
        format,
        "--globals",
      );
      expect(ended.code, ended.stdout + ended.stderr).toBe(0);
      const { id, copies } = JSON.parse(ended.stdout);
      expect(copies).toEqual([
        { location: "s3://copies/db", path: expect.stringMatching(/^s3:\/\/copies\/db\//), error: null, retry: null },
      ]);
      const listed = await runCli(["backups", "--in", "s3://copies/db", "--json"], { env });
      const manifest = JSON.parse(listed.stdout).find((each: { id: string }) => each.id === id);
      const stored = await pathsIn(database);
      for (const { path, sizeBytes } of manifest.files) {
        expect(stored).toContain(`${database}/${path}`);
        expect((await storage.stat(`${database}/${path}`)).sizeBytes).toBe(sizeBytes);
      }
    },
  );

  it("go straight there, and come back from there, without a file on the disk", async () => {
    const ended = await backUp("--to", "s3://copies/db");
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const { copies, path } = JSON.parse(ended.stdout);
    expect(copies).toEqual([]);
    const into = ["--into", server.url("postgres"), "--as", "from_bucket", "--yes", "--json"];
    const restored = await runCli(["restore", path, ...into], { env });
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    const tables =
      "select count(*) from pg_class where relkind in ('r', 'p', 'v', 'm', 'i', 'S') and relnamespace::regnamespace::text !~ '^pg_'";
    expect(await server.run(tables, "from_bucket")).toEqual(await server.run(tables, database));
  });

  it("are finished with errors where the bucket cannot be used: the folder's is whole", async () => {
    const ended = await backUp("--to", join(folder, "alone"), "--to", "s3://no-such-bucket/db");
    expect(ended.code).toBe(3);
    const { copies, path } = JSON.parse(ended.stdout);
    expect(copies).toEqual([
      {
        location: "s3://no-such-bucket/db",
        path: null,
        error: expect.stringContaining("bucket"),
        retry: `lifeboat copy ${path} --to s3://no-such-bucket/db`,
      },
    ]);
    expect((await runCli(["verify", path, "--level", "checksum"], { env })).code).toBe(0);
  });

  it("that changed on the disk are not uploaded, and nothing of them stays", async () => {
    await createDatabase(server, "fleeting");
    const ended = await runCli(
      ["backup", "--url", server.url("fleeting"), "--to", join(folder, "changed"), "--globals", "--json"],
      { env },
    );
    const { manifestPath } = JSON.parse(ended.stdout);
    writeFileSync(manifestPath.replace(/\.manifest\.json$/, ".globals.sql"), "drop role everybody;");
    const from = createLocalStorage(dirname(manifestPath));
    const signal = AbortSignal.timeout(60_000);
    const refused = copyBackup(from, basename(manifestPath), storage, { signal });
    await expect(refused).rejects.toMatchObject({ code: expect.stringContaining("verify.") });
    expect(await pathsIn("fleeting")).toEqual([]);
  });
});
