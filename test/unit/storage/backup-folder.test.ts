import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  backupNames,
  encodeFileName,
  findBackupsById,
  findNewestBackup,
  listBackups,
  loadManifestBeside,
} from "../../../electron/storage/backup-folder.ts";
import { makeManifest } from "../../helpers/manifests.ts";

describe("file names", () => {
  test.each([
    ["shop", "shop"],
    ["Odd; name", "Odd%3B%20name"],
    ["../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"],
    ["-rf", "%2Drf"],
    ["日本", "日本"],
    ["con", "%63on"],
    ["a\nb", "a%0Ab"],
    ["100%", "100%25"],
  ])("%j is written as %s", (name, expected) => {
    expect(encodeFileName(name)).toBe(expected);
  });

  test("are safe and differ where the names differ", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }), (name) => {
        const encoded = encodeFileName(name);
        expect(encoded).toMatch(/^[\p{L}\p{N}_%][\p{L}\p{N}._%-]*$/u);
        expect(decodeURIComponent(encoded)).toBe(name);
      }),
    );
  });

  test("say database and time, and sort by time", () => {
    const names = backupNames("shop", new Date("2026-11-21T02:00:00.999Z"), ".dump");
    expect(names.archive).toBe("shop/shop_20261121T020000Z.dump");
    expect(names.manifest).toBe("shop/shop_20261121T020000Z.manifest.json");
    expect(names.globals).toBe("shop/shop_20261121T020000Z.globals.sql");
  });
});

const manifest = makeManifest({ tocBytes: 4, tocEntries: 0 });

describe("what is in a location", () => {
  let location: string;
  beforeEach(async () => {
    location = await mkdtemp(join(tmpdir(), "lifeboat-location-"));
    await mkdir(join(location, "shop"));
  });
  afterEach(() => rm(location, { recursive: true, force: true }));

  const put = (name: string, text: string) => writeFile(join(location, "shop", name), text);

  test("an absent folder holds nothing", async () => {
    expect(await listBackups(join(location, "absent"))).toEqual({
      backups: [],
      unreadable: [],
      unfinished: [],
      withoutManifest: [],
      pinned: [],
      proofs: [],
    });
  });

  test("backups are told from unfinished files, foreign files and damaged manifests", async () => {
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify(manifest));
    await put(
      "shop_20261122T020000Z.manifest.json",
      JSON.stringify({ ...manifest, startedAt: "2026-11-22T02:00:00Z" }),
    );
    await put("shop_20261123T020000Z.manifest.json", '{"manifestVersion": 1, "id":');
    await put("shop_20261124T020000Z.dump.partial", "PGDMP");
    await put("by-hand.dump", "PGDMP");
    const listing = await listBackups(location);
    expect(listing.backups.map((backup) => backup.manifest.startedAt)).toEqual([
      "2026-11-22T02:00:00Z",
      "2026-11-21T02:00:00.000Z",
    ]);
    expect(listing.withoutManifest).toEqual([]);
    expect(listing.backups[1]?.archivePath).toBe(join(location, "shop", "shop_20261121T020000Z.dump"));
    expect(listing.unreadable).toMatchObject([{ error: { code: "backup.manifestInvalid" } }]);
    expect(listing.unfinished).toEqual([join(location, "shop", "shop_20261124T020000Z.dump.partial")]);
  });

  test("an archive that is gone, has another size or lost its manifest is told from one that is there", async () => {
    const [file] = manifest.files;
    const named = (stamp: string) => ({
      ...manifest,
      id: `${stamp.replaceAll(/\D/g, "")}-00c0ffee`,
      files: [{ ...file, path: `shop_${stamp}.dump` }],
    });
    for (const [stamp, text] of [
      ["20261121T020000Z", "1234"],
      ["20261122T020000Z", "12345"],
      ["20261123T020000Z", null],
    ] as const) {
      await put(`shop_${stamp}.manifest.json`, JSON.stringify(named(stamp)));
      if (text !== null) await put(`shop_${stamp}.dump`, text);
    }
    await put("shop_20261124T020000Z.dump", "1234");
    const listing = await listBackups(location);
    const states = Object.fromEntries(
      listing.backups.map(({ manifest: { id }, archive }) => [id.slice(0, 8), archive]),
    );
    expect(states).toEqual({ "20261121": "present", "20261122": "otherSize", "20261123": "missing" });
    expect(listing.withoutManifest).toEqual([join(location, "shop", "shop_20261124T020000Z.dump")]);
    expect((await findBackupsById(location, "20261122")).map(({ archive }) => archive)).toEqual(["otherSize"]);
    expect(await findBackupsById(location, "20261122020000-ffff")).toEqual([]);
  });

  test.each(["../outside.dump", "/etc/passwd", "C:\\file", "a/../../b"])("a manifest may not name %s", async (path) => {
    const [file] = manifest.files;
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify({ ...manifest, files: [{ ...file, path }] }));
    await expect(loadManifestBeside(join(location, "shop", "shop_20261121T020000Z.dump"))).rejects.toMatchObject({
      code: "backup.manifestInvalid",
    });
  });

  test.each(["x.dir", "x.partial", "shop_20261121T020000Z"])("of a database called %s are found", async (name) => {
    await rename(join(location, "shop"), join(location, name));
    const text = JSON.stringify({ ...manifest, database: name });
    await writeFile(join(location, name, `${name}_20261121T020000Z.manifest.json`), text);
    const { backups, unfinished } = await listBackups(location);
    expect(backups.map((backup) => backup.manifest.database)).toEqual([name]);
    expect(unfinished).toEqual([]);
  });

  test("are found behind a link to another disk", async () => {
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify(manifest));
    const linking = join(location, "linking");
    await mkdir(linking);
    await symlink(join(location, "shop"), join(linking, "shop"));
    expect((await listBackups(linking)).backups).toHaveLength(1);
  });

  test("a manifest speaks for its own archive only", async () => {
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify(manifest));
    await put("shop_20261121T020000Z.sql", "rubbish");
    expect(await loadManifestBeside(join(location, "shop", "shop_20261121T020000Z.dump"))).toEqual(manifest);
    expect(await loadManifestBeside(join(location, "shop", "shop_20261121T020000Z.sql"))).toBeNull();
  });

  test("a manifest without an archive is none", async () => {
    const files = manifest.files.map((file) => ({ ...file, role: "globals" }));
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify({ ...manifest, files }));
    expect(await listBackups(location)).toMatchObject({
      backups: [],
      unreadable: [{ error: { code: "backup.manifestInvalid" } }],
    });
  });

  test("the newest is found past damaged and unwanted ones, without reading those before it", async () => {
    await put("shop_20261120T020000Z.manifest.json", '{"manifestVersion": 1, "id":');
    await put("shop_20261121T020000Z.manifest.json", JSON.stringify(manifest));
    await put("shop_20261122T020000Z.manifest.json", JSON.stringify({ ...manifest, id: "unwanted" }));
    await put("shop_20261123T020000Z.manifest.json", '{"manifestVersion": 1, "id":');
    const read: string[] = [];
    const found = await findNewestBackup(location, "shop", ({ id }) => {
      read.push(id);
      return id !== "unwanted";
    });
    expect(found?.manifest).toEqual(manifest);
    expect(read).toEqual(["unwanted", manifest.id]);
    expect(await findNewestBackup(location, "absent", () => true)).toBeNull();
  });

  test("an archive made elsewhere has no manifest", async () => {
    await put("by-hand.dump", "PGDMP");
    expect(await loadManifestBeside(join(location, "shop", "by-hand.dump"))).toBeNull();
  });
});
