import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openJobManager } from "../../electron/jobs/job-manager.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobOutcome } from "../../shared/job/job.ts";
import { openManager, temporaryHome, until } from "../helpers/job-home.ts";

const spec = { kind: "backup", title: "Back up shop", request: { database: "shop" }, locks: ["file:/b/shop"] } as const;
const done: JobOutcome = { state: "succeeded", result: { rows: 3 } };

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

describe("running a job", () => {
  it("stores the record before the work starts, and every field comes back as it was", async () => {
    const home = temporaryHome();
    const manager = await openManager(home);
    const other = await openManager(home);
    const seen: Job[] = [];
    const job = await manager.run(spec, async (context) => {
      seen.push(other.get(context.jobId));
      context.step("Read");
      context.step("Write");
      return done;
    });
    expect(seen[0]).toMatchObject({ state: "running", title: "Back up shop", request: { database: "shop" } });
    expect(job).toMatchObject({ state: "succeeded", result: { rows: 3 }, error: null, progress: null });
    expect(job.steps.map((step) => [step.name, step.endedAt !== null])).toEqual([
      ["Read", true],
      ["Write", true],
    ]);
    expect(other.get(job.id)).toEqual(job);
    expect(manager.list().map(({ id }) => id)).toEqual([job.id]);
  });

  it("says that a job is stored before its work begins, and never for one that could not be", async () => {
    const manager = await openManager(temporaryHome());
    const told: string[] = [];
    const onStarted = (job: Job) => told.push(`${job.state} ${job.id}`);
    const first = await manager.run(
      spec,
      async ({ jobId }) => {
        expect(told).toEqual([`queued ${jobId}`]);
        await expect(manager.run(spec, async () => done, { onStarted })).rejects.toMatchObject({
          code: "job.conflict",
        });
        return done;
      },
      { onStarted },
    );
    expect(told).toEqual([`queued ${first.id}`]);
  });

  it("notices what another process has written, once, and not what it wrote itself", async () => {
    const home = temporaryHome();
    const [manager, other] = [await openManager(home), await openManager(home)];
    await manager.run(spec, async () => done);
    expect(manager.changedElsewhere()).toBe(false);
    await other.run(spec, async () => done);
    expect(manager.changedElsewhere()).toBe(true);
    expect(manager.changedElsewhere()).toBe(false);
  });

  it("turns what the work throws into the record's error", async () => {
    const manager = await openManager(temporaryHome());
    const failed = await manager.run(spec, () => Promise.reject(new AppError("storage.full", "The disk is full.")));
    expect(failed).toMatchObject({ state: "failed", error: { code: "storage.full", message: "The disk is full." } });
    const broken = await manager.run(spec, () => Promise.reject(new TypeError("x is undefined")));
    expect(broken).toMatchObject({ state: "failed", error: { code: "internal.unexpected", detail: "x is undefined" } });
    const partly = await manager.run(spec, () => Promise.resolve({ state: "finishedWithErrors", result: null }));
    expect(partly.state).toBe("finishedWithErrors");
  });

  it("passes on and stores at most about four progress reports a second, and the last one in any case", async () => {
    const home = temporaryHome();
    const manager = await openManager(home);
    let changes = 0;
    const job = await manager.run(
      spec,
      async (context) => {
        for (let bytes = 0; bytes < 120; bytes += 1) {
          context.progress({ kind: "unmeasured", bytes, rows: 0, current: null });
          await sleep(5);
        }
        return done;
      },
      { onChange: () => (changes += 1) },
    );
    expect(job.progress).toMatchObject({ bytes: 119 });
    expect((await openManager(home)).get(job.id).progress).toMatchObject({ bytes: 119 });
    expect(changes).toBeLessThan(12);
  });

  it("writes a log of states, steps and lines, private to the user", async () => {
    const home = temporaryHome();
    const manager = await openManager(home);
    const job = await manager.run(spec, async (context) => {
      context.step("Read");
      context.log("pg_dump: dumping contents of table public.a\nsecond line");
      return done;
    });
    const { text, nextOffset } = await manager.readLog(job.id, 0);
    expect(text.replaceAll(/^\S+Z /gm, "")).toBe(
      `Back up shop (backup, process ${process.pid})\nState: running\nStep: Read\n` +
        "pg_dump: dumping contents of table public.a\n  second line\nState: succeeded\n",
    );
    expect(await manager.readLog(job.id, nextOffset)).toEqual({ text: "", nextOffset });
    if (process.platform === "win32") return;
    const [log = ""] = readdirSync(home.logsFolder);
    expect(statSync(`${home.logsFolder}/${log}`).mode & 0o777).toBe(0o600);
    for (const file of readdirSync(home.root).filter((name) => name.startsWith("jobs.db")))
      expect(statSync(`${home.root}/${file}`).mode & 0o777).toBe(0o600);
  });
});

describe("cancelling", () => {
  it("stores the intent before the work is told", async () => {
    const home = temporaryHome();
    const [manager, other] = [await openManager(home), await openManager(home)];
    const controller = new AbortController();
    let atAbort: Job | null = null;
    const running = manager.run(
      spec,
      async ({ jobId, signal }) => {
        signal.addEventListener("abort", () => {
          atAbort = other.get(jobId);
        });
        setTimeout(() => controller.abort(), 10);
        return untilAborted(signal);
      },
      { signal: controller.signal },
    );
    expect(await running).toMatchObject({ state: "cancelled", error: { code: "job.cancelled" } });
    expect(atAbort).toMatchObject({ state: "cancelling", cancelRequestedAt: expect.any(String) });
  });

  it("reaches a job that another manager runs, within half a second", async () => {
    const home = temporaryHome();
    const [manager, other] = [await openManager(home), await openManager(home)];
    const running = manager.run(spec, ({ signal }) => untilAborted(signal));
    await until(() => other.list().length === 1);
    const asked = Date.now();
    const [job] = other.list();
    expect(other.requestCancel(job?.id ?? "").state).toBe("cancelling");
    expect((await running).state).toBe("cancelled");
    expect(Date.now() - asked).toBeLessThan(1000);
    expect(() => other.requestCancel(job?.id ?? "")).toThrow(expect.objectContaining({ code: "job.notRunning" }));
  });

  it("keeps what went wrong while stopping, and calls work that was done in time done", async () => {
    const manager = await openManager(temporaryHome());
    const controller = new AbortController();
    const messy = await manager.run(
      spec,
      async () => {
        controller.abort();
        throw new AppError("storage.failed", "The partial file could not be removed.", { detail: "EACCES" });
      },
      { signal: controller.signal },
    );
    expect(messy).toMatchObject({
      state: "cancelled",
      error: { code: "job.cancelled", detail: "The partial file could not be removed.\nEACCES" },
    });
    const late = new AbortController();
    const finished = manager.run(
      spec,
      async () => {
        late.abort();
        return done;
      },
      { signal: late.signal },
    );
    expect((await finished).state).toBe("succeeded");
  });

  it("does not start the work of a job that was stopped before", async () => {
    const manager = await openManager(temporaryHome());
    let started = false;
    const work = async () => {
      started = true;
      return done;
    };
    expect((await manager.run(spec, work, { signal: AbortSignal.abort() })).state).toBe("cancelled");
    expect(started).toBe(false);
  });
});

describe("locks", () => {
  it("refuse a second job on the same place, name the first, and are given back at the end", async () => {
    const home = temporaryHome();
    const [manager, other] = [await openManager(home), await openManager(home)];
    const controller = new AbortController();
    const running = manager.run(spec, ({ signal }) => untilAborted(signal), { signal: controller.signal });
    const second = other.run({ ...spec, locks: ["file:/else", "file:/b/shop"] }, async () => done);
    await expect(second).rejects.toMatchObject({
      code: "job.conflict",
      message: "Another job is writing to the same place: Back up shop.",
      detail: expect.stringMatching(new RegExp(`process ${process.pid}, since .*, holds file:/b/shop`)),
      hint: expect.stringContaining(`lifeboat jobs cancel ${manager.list()[0]?.id}`),
    });
    expect(other.list()).toHaveLength(1);
    expect((await other.run({ ...spec, locks: ["file:/else"] }, async () => done)).state).toBe("succeeded");
    controller.abort();
    await running;
    expect((await other.run(spec, async () => done)).state).toBe("succeeded");
  });
});

describe("finding a job", () => {
  it("takes the whole id or a unique beginning, in either case", async () => {
    const manager = await openManager(temporaryHome());
    const job = await manager.run(spec, async () => done);
    expect(manager.get(job.id.slice(0, 12).toUpperCase()).id).toBe(job.id);
    await manager.run(spec, async () => done);
    expect(() => manager.get(job.id.slice(0, 3))).toThrow("More than one job begins with");
    for (const id of ["zzz", "", "*", "' OR 1=1"])
      expect(() => manager.get(id)).toThrow(expect.objectContaining({ code: "job.notFound" }));
  });
});

describe("opening the store", () => {
  it("sets a damaged database aside and begins a new one", async () => {
    const home = temporaryHome();
    writeFileSync(home.jobsFile, "this was never a database".repeat(400));
    const manager = await openManager(home);
    expect(manager.setAside).toMatch(/jobs\.db\.damaged-/);
    expect(readFileSync(manager.setAside ?? "", "utf8")).toContain("never a database");
    expect((await manager.run(spec, async () => done)).state).toBe("succeeded");
  });

  it("sets a database with overwritten pages aside too", async () => {
    const home = temporaryHome();
    const first = await openJobManager(home);
    await first.run(spec, async () => done);
    first.close();
    const bytes = readFileSync(home.jobsFile);
    writeFileSync(home.jobsFile, bytes.fill(0x5a, 100));
    const manager = await openManager(home);
    expect(manager.setAside).not.toBeNull();
    expect(manager.list()).toEqual([]);
  });

  it("refuses a schema from the future and leaves it as it is", async () => {
    const home = temporaryHome();
    (await openJobManager(home)).close();
    const database = new DatabaseSync(home.jobsFile);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await expect(openJobManager(home)).rejects.toMatchObject({ code: "job.storeNewer" });
    expect(existsSync(home.jobsFile)).toBe(true);
    expect(readdirSync(home.root).some((name) => name.includes("damaged"))).toBe(false);
  });

  it("says so when the folder cannot be used", async () => {
    const home = temporaryHome();
    writeFileSync(`${home.root}/file`, "");
    const blocked = { ...home, jobsFile: `${home.root}/file/jobs.db` };
    await expect(openJobManager(blocked)).rejects.toMatchObject({ code: "job.storeFailed" });
  });

  it("leaves out a JSON column that is not what it should be, not the job", async () => {
    const home = temporaryHome();
    const manager = await openManager(home);
    const job = await manager.run(spec, async () => done);
    const database = new DatabaseSync(home.jobsFile);
    database.prepare("UPDATE jobs SET progress = ?, steps = ?, error = ?").run('{"kind":"x"}', "{", '{"code":"nope"}');
    database.close();
    expect(manager.get(job.id)).toMatchObject({
      title: "Back up shop",
      progress: null,
      steps: [],
      error: { code: "internal.unexpected" },
    });
  });
});
