import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, locateHome } from "../../../electron/home.ts";
import { deleteChosen } from "../../../electron/retention/delete-chosen.ts";
import { findGaps } from "../../../electron/retention/find-gaps.ts";
import { listBackups } from "../../../electron/storage/backup-folder.ts";
import { copyBackup } from "../../../electron/storage/copy-backup.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../../electron/storage/storage.ts";
import { summarizeManifest } from "../../../shared/contract/backup-summary.ts";
import { type MadeBackup, putBackup } from "../../helpers/stored-backup.ts";

const { signal } = new AbortController();

let base: string;
let folder: string;
let storage: Storage;
let home: Home;
/** Three backups of three days, each naming the one before. */
let made: MadeBackup[];

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "lifeboat-gaps-")));
  folder = join(base, "backups");
  await mkdir(folder);
  storage = createLocalStorage(folder);
  home = locateHome({ LIFEBOAT_HOME: join(base, "home") });
  made = await makeChain(storage, await storage.identify());
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function makeChain(target: Storage, previousIn: string): Promise<MadeBackup[]> {
  const chain: MadeBackup[] = [];
  for (const day of [1, 2, 3]) {
    const before = chain.at(-1);
    const changes = before === undefined ? { previousId: null } : { previousId: before.id, previousIn };
    chain.push(await putBackup(target, `2026-11-0${day}T02:00:00Z`, { changes }));
  }
  return chain;
}

async function gapsIn(place: string): Promise<string[]> {
  const { backups, ...listing } = await listBackups(place);
  const summarized = backups.map(({ manifest, ...rest }) => ({ ...rest, summary: summarizeManifest(manifest) }));
  const gaps = await findGaps({ ...listing, backups: summarized }, createLocalStorage(place), home, signal);
  return gaps.map(({ missingId }) => missingId);
}

function at(day: 1 | 2 | 3): MadeBackup {
  const found = made[day - 1];
  if (found === undefined) throw new Error("it was not made");
  return found;
}

async function remove({ path, files }: MadeBackup, from = folder): Promise<void> {
  for (const file of [path, ...files]) await rm(join(from, file));
}

describe("a backup that is missing in its place", () => {
  it("is told, through a link too", async () => {
    expect(await gapsIn(folder)).toEqual([]);
    await remove(at(2));
    expect(await gapsIn(folder)).toEqual([at(2).id]);
    await symlink(folder, join(base, "link"));
    expect(await gapsIn(join(base, "link"))).toEqual([at(2).id]);
  });

  it("is not told where Lifeboat deleted it, by the record there or by that of this machine", async () => {
    expect(await deleteChosen(storage, home, at(2).id, signal)).toBeNull();
    expect(await gapsIn(folder)).toEqual([]);
    const records = join(folder, ".lifeboat");
    await rename(records, join(base, "away"));
    expect(await gapsIn(folder)).toEqual([]);
    await rename(join(base, "away"), records);
    await rm(home.deletionsFolder, { recursive: true });
    expect(await gapsIn(folder)).toEqual([]);
    await rm(records, { recursive: true });
    expect(await gapsIn(folder)).toEqual([at(2).id]);
  });

  it("is not told where Lifeboat deleted it in its database's folder, by the record there or by that of this machine", async () => {
    expect(await deleteChosen(createLocalStorage(join(folder, "shop")), home, at(2).id, signal)).toBeNull();
    expect(await gapsIn(folder)).toEqual([]);
    const records = join(folder, "shop", ".lifeboat");
    await rename(records, join(base, "away"));
    expect(await gapsIn(folder)).toEqual([]);
    await rename(join(base, "away"), records);
    await rm(home.deletionsFolder, { recursive: true });
    expect(await gapsIn(folder)).toEqual([]);
    await rm(records, { recursive: true });
    expect(await gapsIn(folder)).toEqual([at(2).id]);
  });

  it("is told where Lifeboat deleted a copy of it in another place alone", async () => {
    const other = createLocalStorage(join(base, "other"));
    await copyBackup(storage, at(2).path, other, { signal });
    expect(await deleteChosen(other, home, at(2).id, signal)).toBeNull();
    await remove(at(2));
    expect(await gapsIn(folder)).toEqual([at(2).id]);
  });

  it("is not told of copies of which only some were made", async () => {
    const other = createLocalStorage(join(base, "other"));
    await copyBackup(storage, at(1).path, other, { signal });
    await copyBackup(storage, at(3).path, other, { signal });
    expect(await gapsIn(other.address)).toEqual([]);
  });

  it("is not told of copies of which only some were made, into a folder of the same name on another machine", async () => {
    const other = createLocalStorage(join(base, "other"));
    await makeChain(other, `another-machine:${other.address}`);
    await remove(at(2), other.address);
    expect(await gapsIn(other.address)).toEqual([]);
  });

  it("is not told where the others do not say on which machine they were, as early ones", async () => {
    const other = createLocalStorage(join(base, "other"));
    await makeChain(other, other.address);
    await remove(at(2), other.address);
    expect(await gapsIn(other.address)).toEqual([]);
  });

  it("is not told where it is there, and something is wrong with it", async () => {
    await writeFile(join(folder, at(2).path), "{");
    expect(await gapsIn(folder)).toEqual([]);
    await rm(join(folder, at(2).path));
    expect(await gapsIn(folder)).toEqual([]);
  });

  it("is not told where its archive alone is gone, which is told by itself", async () => {
    await rm(join(folder, at(2).files[0] ?? ""));
    expect(await gapsIn(folder)).toEqual([]);
  });

  it("is not told where a record cannot be read, so that nobody knows", async () => {
    await remove(at(2));
    await storage.write(".lifeboat/deletions/a.json", piecesOf("{"));
    expect(await gapsIn(folder)).toEqual([]);
  });
});
