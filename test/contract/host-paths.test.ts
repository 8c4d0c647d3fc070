import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methods } from "../../shared/contract/methods.ts";
import { findNamedPaths } from "../../shared/contract/named-paths.ts";
import { startHost, type TestHost } from "../helpers/host.ts";
import { connectClient, type HostClient } from "../helpers/host-client.ts";

// What a browser may name of this machine's files: below the backups folder, the user's own and mounted drives.

const base = realpathSync(mkdtempSync(join(tmpdir(), "lifeboat-paths-")));
const outside = join(base, "others");
let host: TestHost;
let client: HostClient;
let backups: string;

beforeAll(async () => {
  mkdirSync(join(outside, "folder"), { recursive: true });
  writeFileSync(join(outside, "secret.dump"), "PGDMP");
  host = await startHost({ rendererFolder: base });
  client = await connectClient(host);
  backups = host.home.backupsFolder;
  mkdirSync(backups, { recursive: true });
  writeFileSync(join(backups, "mine.dump"), "PGDMP");
  symlinkSync(join(outside, "secret.dump"), join(backups, "link.dump"));
  symlinkSync(join(outside, "folder"), join(backups, "way-out"));
  symlinkSync(join(outside, "absent"), join(backups, "dangling"));
});
afterAll(async () => {
  client.close();
  await host.stop();
  rmSync(base, { recursive: true, force: true });
});

const everything = { kind: "everything" } as const;
const profile = (files: { readonly sslRootCert?: string; readonly sslKey?: string }) => ({
  name: "shop",
  hosts: [{ host: "127.0.0.1", port: 1 }],
  database: "shop",
  user: "me",
  sslMode: "disable",
  sslRootCert: null,
  sslCert: null,
  sslKey: null,
  passwordSource: "ask",
  environment: "development",
  colour: null,
  tunnel: null,
  ...files,
});
const tunnel = (keyFile: string) => ({ host: "127.0.0.1", port: 1, user: "me", authentication: "key", keyFile });
const url = (parameters: string) => `postgresql://me@127.0.0.1:1/shop?${parameters}`;

const folderStorage = (path: string) => ({ name: "office", preset: null, settings: { kind: "folder", path } });
const bucketStorage = (caFile: string) => ({
  name: "offsite",
  preset: null,
  settings: {
    kind: "s3",
    bucket: "backups",
    prefix: "",
    endpoint: null,
    region: null,
    style: "auto",
    caFile,
    checksums: "auto",
    mostParts: 10_000,
    credentials: { from: "chain", profile: null },
  },
});

/** Each way in which a window names a file or folder. */
const ways: readonly (readonly [string, (path: string) => unknown])[] = [
  ["archive.open", (path) => ({ path })],
  [
    "archive.export",
    (folder) => ({ handle: "a", dumpId: 1, format: "csv", where: [], search: null, folder, fileName: "rows.csv" }),
  ],
  [
    "archive.saveBytes",
    (folder) => ({ handle: "a", bytesOf: { kind: "largeObject", dumpId: 1, oid: 1 }, folder, fileName: "a.bin" }),
  ],
  ["archive.databases", (path) => ({ path })],
  ["archives.thaw", (path) => ({ path, ask: null })],
  ["backups.checks", (path) => ({ path })],
  ["backups.copy", (path) => ({ path, storages: [], folder: null })],
  ["backups.list", (location) => ({ location })],
  ["backups.verify", (path) => ({ path, level: "checksum" })],
  ["backup.start", (location) => ({ connection: { kind: "sample" }, database: null, location })],
  [
    "restore.plan",
    (path) => ({
      path,
      choice: everything,
      into: { kind: "sample" },
      mode: "new-database",
      newDatabaseName: "x",
      noOwner: false,
      noPrivileges: false,
      jobs: null,
    }),
  ],
  ["compare.run", (path) => ({ path, dumpId: 1, with: { kind: "sample" }, limit: 1 })],
  ["compare.schemas", (path) => ({ path: join(backups, "mine.dump"), with: { kind: "archive", path } })],
  ["putBack.plan", (path) => ({ path, dumpId: 1, into: { kind: "sample" }, missing: null, changed: [] })],
  ["files.list", (path) => ({ path })],
  ["settings.set", (backupsFolder) => ({ backupsFolder })],
  ["profiles.save", (sslRootCert) => ({ profile: profile({ sslRootCert }), replaces: null })],
  ["profiles.test", (sslKey) => ({ profile: profile({ sslKey }) })],
  ["profiles.hostKey", (keyFile) => ({ tunnel: tunnel(keyFile) })],
  ["profiles.trustHostKey", (keyFile) => ({ tunnel: tunnel(keyFile), fingerprint: `SHA256:${"A".repeat(43)}` })],
  ["profiles.parse", (path) => ({ text: `export DATABASE_URL="${url(`sslrootcert=${path}`)}"` })],
  ["databases.list", (path) => ({ connection: { kind: "url", url: url(`passfile=${path}`) } })],
  ["databases.preflight", (path) => ({ connection: { kind: "url", url: `host=127.0.0.1 sslkey='${path}'` } })],
  ["shell.reveal", (path) => ({ path })],
  ["profiles.setPlaces", (folder) => ({ name: "shop", places: { folder, storages: [], recipients: [] } })],
  ["storages.save", (path) => ({ storage: folderStorage(path), isNew: true })],
  ["storages.test", (caFile) => ({ storage: bucketStorage(caFile), testId: "one" })],
  ["storages.upload", (file) => ({ name: "offsite", at: "", file })],
  ["storages.download", (folder) => ({ name: "offsite", path: "a", folder })],
  ["keys.saveKit", (folder) => ({ recipient: "age1x", passphrase: "long enough words", folder })],
  ["keys.tryKit", (path) => ({ kit: { from: "file", path }, passphrase: "x" })],
  ["keys.importKit", (path) => ({ kit: { from: "file", path }, passphrase: "x", name: "shop" })],
];

describe("a browser", () => {
  it.each(ways)("does not reach a foreign path through %s", async (method, args) => {
    const refused = await client.refused(method, args(join(outside, "secret.dump")));
    expect(refused).toMatchObject({ code: "contract.placeNotAllowed" });
    // What is not there is answered in the same words.
    expect(await client.refused(method, args("/absent/secret.dump"))).toMatchObject({ code: refused.code });
  });

  it("knows each of these ways", () => {
    const told = Object.keys(methods).filter((name) => !ways.some(([method]) => method === name));
    expect(told.filter((name) => /path|file|folder|location|url/i.test(JSON.stringify(shapeOf(name))))).toEqual([]);
  });

  it.each(["link.dump", "way-out", "way-out/new", "dangling", "dangling/new", "../outside", "mine.dump/../../jobs.db"])(
    "is not led out of the backups folder by %s",
    async (name) => {
      const path = `${backups}/${name}`;
      expect(await client.refused("archive.open", { path })).toMatchObject({ code: "contract.placeNotAllowed" });
      expect(await client.refused("settings.set", { backupsFolder: path })).toMatchObject({
        code: "contract.placeNotAllowed",
      });
    },
  );

  it.each(["relative.dump", "/", `/etc/passwd`, `${outside}\u0000`, "s3://bucket/../../etc/passwd"])(
    "does not get in by %j",
    async (path) => {
      expect(await client.refused("archive.open", { path })).toMatchObject({ code: "contract.placeNotAllowed" });
    },
  );

  it("reaches what lies in the backups folder, and what will", async () => {
    // Let through to the reader, which says what is wrong with it.
    expect((await client.refused("archive.open", { path: join(backups, "mine.dump") })).code).toMatch(/^archive\./);
    expect((await client.refused("archive.open", { path: join(backups, "absent.dump") })).code).toMatch(/^storage\./);
    expect(await client.invoke("backups.list", { location: join(backups, "new", "folder") })).toMatchObject({
      backups: [],
    });
    const backupsFolder = join(backups, "inner");
    expect(await client.invoke("settings.set", { backupsFolder })).toMatchObject({ backupsFolder });
    await client.invoke("settings.set", { backupsFolder: null });
  });

  it("goes on with files that a profile names already", async () => {
    const sslRootCert = join(outside, "ca.pem");
    const { tunnel: _, ...stored } = { ...profile({ sslRootCert }), service: null };
    writeFileSync(host.home.profilesFile, JSON.stringify({ version: 1, profiles: [stored] }));
    await client.invoke("profiles.save", {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as it stands in the file
      profile: { ...profile({ sslRootCert }), database: "other" } as never,
      replaces: "shop",
    });
    expect(await client.invoke("profiles.list", {})).toMatchObject([{ database: "other", sslRootCert }]);
  });
});

/** The names of a method's arguments, at all depths. */
function shapeOf(method: string): unknown {
  const table: Readonly<Record<string, { readonly args: { toJSONSchema(): unknown } }>> = methods;
  return table[method]?.args.toJSONSchema();
}

describe("finding named paths", () => {
  it("finds them in lists, choices and what may be left out", () => {
    const { args } = methods["backup.start"];
    const value = { connection: { kind: "url", url: "postgresql://a" }, database: null, location: "/a" };
    expect(findNamedPaths(args, value)).toEqual({ paths: ["/a"], connections: ["postgresql://a"] });
    expect(findNamedPaths(args, { connection: { kind: "sample" }, database: null })).toEqual({
      paths: [],
      connections: [],
    });
  });
});
