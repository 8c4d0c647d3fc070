import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { openJobManager } from "../../electron/jobs/job-manager.ts";
import { startPrune } from "../../electron/jobs/run-prune.ts";
import { planPrune } from "../../electron/retention/plan-prune.ts";
import { listBackups } from "../../electron/storage/backup-folder.ts";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import type { PruneResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { type MadeBackup, pathsIn, putBackup } from "../helpers/stored-backup.ts";

const root = mkdtempSync(join(tmpdir(), "lifeboat-prune-faults-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const choice = { keep: "last 2", database: null, timeZone: "UTC" };
const signal = new AbortController().signal;

let home: string;
let folder: string;
let storage: Storage;
let backups: MadeBackup[];

beforeEach(async () => {
  home = mkdtempSync(join(root, "home-"));
  folder = mkdtempSync(join(root, "place-"));
  storage = createLocalStorage(folder);
  backups = [];
  for (const day of ["22", "21", "20", "19"]) backups.push(await putBackup(storage, `2026-11-${day}T02:00:00Z`));
});

/** Plans on the storage as it is, then prunes through one that a test has its hands in. */
async function prune(through: Storage): Promise<{ job: Job; result: PruneResult }> {
  const state = locateHome({ LIFEBOAT_HOME: home });
  const jobs = await openJobManager(state);
  try {
    const keys = { proofKeyOf: () => Promise.resolve(null) };
    const plan = await planPrune(storage, choice, [], { signal, keys });
    const request = { ...choice, location: folder, agreed: [...plan.due.keys()] };
    const job = await startPrune(request, through, { home: state, keys }, jobs, {});
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-prune
    return { job, result: job.result as PruneResult };
  } finally {
    jobs.close();
  }
}

const outcomes = ({ result }: { result: PruneResult }) => result.backups.map(({ outcome }) => outcome);
const filesOf = (...made: (MadeBackup | undefined)[]) =>
  made.flatMap((each) => [each?.path ?? "", ...(each?.files ?? [])]);
const withoutRecords = async () => (await pathsIn(storage)).filter((path) => !path.startsWith(".lifeboat/"));

describe("a pruning", () => {
  it("that is killed between a manifest and its files leaves no backup that is half there; the next one tidies up", async () => {
    const script = resolve(import.meta.dirname, "../fixtures/jobs/killed-prune.ts");
    const killed = spawnSync(process.execPath, [script, home, folder], { encoding: "utf8", timeout: 60_000 });
    expect(killed, killed.stderr).toMatchObject({ signal: "SIGKILL" });
    const [, , cut, last] = backups;
    expect(await withoutRecords()).toEqual(
      [...filesOf(backups[0], backups[1], last), ...(cut?.files ?? [])].toSorted(),
    );
    const listing = await listBackups(folder);
    expect(listing.backups.map(({ archive }) => archive)).toEqual(["present", "present", "present"]);
    expect(listing.withoutManifest).toEqual([join(folder, cut?.files[0] ?? "")]);

    const next = await prune(storage);
    expect(next.job.state).toBe("succeeded");
    expect(next.result.leftoversDeleted).toBe(2);
    expect(await withoutRecords()).toEqual(filesOf(backups[0], backups[1]).toSorted());
  });

  it("tidies up nothing that was put there anew under the same name", async () => {
    const script = resolve(import.meta.dirname, "../fixtures/jobs/killed-prune.ts");
    spawnSync(process.execPath, [script, home, folder], { timeout: 60_000 });
    const path = backups[2]?.files[0] ?? "";
    await storage.write(path, piecesOf("a copy that somebody brings back, its manifest to come"));
    expect((await prune(storage)).result.leftoversDeleted).toBe(1);
    expect(await pathsIn(storage)).toContain(path);
  });

  it("does not touch a backup that is made meanwhile, nor one that is pinned meanwhile", async () => {
    let made: MadeBackup | null = null;
    const busy: Storage = {
      ...storage,
      async delete(path) {
        made ??= await putBackup(storage, "2026-11-22T03:00:00Z");
        await storage.write((backups[3]?.path ?? "").replace(".manifest.json", ".pin"), piecesOf("{}"));
        return storage.delete(path);
      },
    };
    const end = await prune(busy);
    expect(outcomes(end)).toEqual(["deleted", "kept"]);
    expect(end.result.backups[1]?.reason).toBe("it was pinned meanwhile");
    expect(await withoutRecords()).toEqual(expect.arrayContaining(filesOf(made ?? undefined, backups[3])));
  });

  it("deletes only what was agreed to and is still due when it looks again", async () => {
    const changing: Storage = {
      ...storage,
      async *list(path, options) {
        if (path === "") await storage.delete(backups[0]?.files[0] ?? "");
        yield* storage.list(path, options);
      },
    };
    const end = await prune(changing);
    expect(outcomes(end)).toEqual(["kept", "kept"]);
    const [first, second] = end.result.backups.map(({ reason }) => reason);
    expect(first).toBe("one of the last 2");
    expect(second).toContain("nothing goes for now: the newest backup");
  });

  it("goes on past one that cannot be deleted, says so, and its leftovers go next time", async () => {
    const refusing: Storage = {
      ...storage,
      delete: (path) =>
        path === backups[2]?.files[0]
          ? Promise.reject(new AppError("storage.permissionDenied", "It may not be deleted."))
          : storage.delete(path),
    };
    const end = await prune(refusing);
    expect(end.job.state).toBe("finishedWithErrors");
    expect(outcomes(end)).toEqual(["failed", "deleted"]);
    expect(end.result.backups[0]?.reason).toBe("It may not be deleted.");
    expect((await listBackups(folder)).backups).toHaveLength(2);
    expect((await prune(storage)).result.leftoversDeleted).toBe(2);
    expect(await withoutRecords()).toEqual(filesOf(backups[0], backups[1]).toSorted());
  });

  it("deletes nothing where it cannot write down first what will go", async () => {
    const full: Storage = { ...storage, write: () => Promise.reject(new AppError("storage.full", "It is full.")) };
    expect((await prune(full)).job).toMatchObject({ state: "failed", error: { code: "storage.full" } });
    expect(readdirSync(join(folder, "shop"))).toHaveLength(12);
  });
});
