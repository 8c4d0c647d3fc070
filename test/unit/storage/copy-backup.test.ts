import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyBackup } from "../../../electron/storage/copy-backup.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import type { StoredFile } from "../../../shared/contract/manifest.ts";
import { makeManifest } from "../../helpers/manifests.ts";

const STEM = "shop_20261121T020000Z";
const BYTES: Readonly<Record<string, string>> = {
  dump: "PGDMP and more",
  toc: "PGDMP",
  table: "1\n\\.\n\n\n",
  globals: "ROLE",
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lifeboat-copy-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A backup with these files, in `root/from`; gives the path of its manifest. */
async function putBackup(format: "custom" | "directory", files: readonly (readonly [string, string])[]) {
  const folder = join(root, "from", "shop");
  const stored: StoredFile[] = [];
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const role = path.endsWith(".sql") ? "globals" : "archive";
    stored.push({ path, role, sizeBytes: bytes.length, sha256, chunkBytes: 4_194_304, chunks: [sha256] });
  }
  const manifest = {
    ...makeManifest({ format, compression: { method: "none", level: null }, files: stored, lifeboatVersion: "9.9.9" }),
    ofANewerLifeboat: true,
  };
  const path = join(folder, `${STEM}.manifest.json`);
  await writeFile(path, JSON.stringify(manifest));
  return path;
}

const custom = () =>
  putBackup("custom", [
    [`${STEM}.dump`, BYTES["dump"] ?? ""],
    [`${STEM}.globals.sql`, BYTES["globals"] ?? ""],
  ]);
const directory = () =>
  putBackup("directory", [
    [`${STEM}.dir/toc.dat`, BYTES["toc"] ?? ""],
    [`${STEM}.dir/3341.dat`, BYTES["table"] ?? ""],
    [`${STEM}.globals.sql`, BYTES["globals"] ?? ""],
  ]);

const copy = (manifestPath: string, options: { signal?: AbortSignal; onPartial?: (path: string) => void } = {}) =>
  copyBackup(createLocalStorage(dirname(manifestPath)), basename(manifestPath), createLocalStorage(join(root, "to")), {
    signal: options.signal ?? new AbortController().signal,
    onPartial: options.onPartial,
  });

const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

describe.each([
  ["custom", custom, ".dump"],
  ["directory", directory, ".dir"],
])("the copy of a %s backup", (_format, put, extension) => {
  test("is every file and the manifest as it stands", async () => {
    const manifestPath = await put();
    expect(await copy(manifestPath)).toMatchObject({ archivePath: `shop/${STEM}${extension}` });
    const names = await filesOf(join(root, "from"));
    expect(await filesOf(join(root, "to"))).toEqual(names);
    for (const name of names)
      expect(await readFile(join(root, "to", name), "utf8")).toBe(await readFile(join(root, "from", name), "utf8"));
  });

  test.each([`${STEM}.globals.sql`, `${STEM}.manifest.json`])("does not replace another backup's %s", async (name) => {
    const manifestPath = await put();
    await mkdir(join(root, "to", "shop"), { recursive: true });
    await writeFile(join(root, "to", "shop", name), "another's");
    await expect(copy(manifestPath)).rejects.toMatchObject({ code: "backup.destinationExists" });
    expect(await readFile(join(root, "to", "shop", name), "utf8")).toBe("another's");
    const manifests = (await filesOf(join(root, "to"))).filter((path) => path.endsWith(".manifest.json"));
    expect(manifests).toEqual(name.endsWith(".manifest.json") ? [`shop/${name}`] : []);
  });

  test("goes on where an earlier attempt ended, and is no second copy where all is there", async () => {
    const manifestPath = await put();
    const all = (await filesOf(join(root, "from"))).length - 1;
    await copy(manifestPath);
    await rm(join(root, "to", "shop", `${STEM}.manifest.json`));
    await rm(join(root, "to", "shop", `${STEM}.globals.sql`));
    expect(await copy(manifestPath)).toMatchObject({ sentFiles: 1, foundFiles: all - 1 });
    expect(await copy(manifestPath)).toMatchObject({ sentFiles: 0, foundFiles: all });
    expect(await filesOf(join(root, "to"))).toEqual(await filesOf(join(root, "from")));
  });

  test("takes along that it is pinned", async () => {
    const manifestPath = await put();
    await writeFile(join(dirname(manifestPath), `${STEM}.pin`), "{}");
    await copy(manifestPath);
    expect(await filesOf(join(root, "to"))).toContain(`shop/${STEM}.pin`);
  });

  test("leaves nothing where the source is damaged in its last file", async () => {
    const manifestPath = await put();
    await writeFile(join(dirname(manifestPath), `${STEM}.globals.sql`), "rubbish");
    await expect(copy(manifestPath)).rejects.toMatchObject({ code: "verify.sizeMismatch" });
    expect(await filesOf(join(root, "to"))).toEqual([]);
  });

  test("leaves nothing when it is cancelled between two files", async () => {
    const manifestPath = await put();
    const cancel = new AbortController();
    const onPartial = (path: string) => path.includes("globals") && cancel.abort();
    await expect(copy(manifestPath, { signal: cancel.signal, onPartial })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(await filesOf(join(root, "to"))).toEqual([]);
  });

  test("names the file that is missing", async () => {
    const manifestPath = await put();
    const gone = join(dirname(manifestPath), `${STEM}.globals.sql`);
    await rm(gone);
    await expect(copy(manifestPath)).rejects.toMatchObject({ message: expect.stringContaining(gone) });
  });
});
