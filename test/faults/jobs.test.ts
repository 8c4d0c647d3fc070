import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Home } from "../../electron/home.ts";
import { openJobManager } from "../../electron/jobs/job-manager.ts";
import { readProcessStart } from "../../electron/jobs/owner.ts";
import type { JobOutcome } from "../../shared/job/job.ts";
import { openManager, temporaryHome, until } from "../helpers/job-home.ts";
import { runCli } from "../helpers/run-cli.ts";

const script = resolve(import.meta.dirname, "../fixtures/jobs/run-job.ts");

interface Said {
  readonly jobId?: string;
  readonly pid?: number;
  readonly childPid?: number;
  readonly ended?: string;
  readonly error?: { readonly code: string; readonly detail: string };
}

/** A process of its own that runs one job on the home. */
function startRunner(home: Home, ...args: string[]): { child: ChildProcess; next(): Promise<Said> } {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env["PATH"] ?? "", LIFEBOAT_HOME: home.root },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // What a failed test leaves running is swept as the product sweeps it.
  onTestFinished(async () => {
    child.kill("SIGKILL");
    (await openJobManager(home)).close();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async next() {
      const { value } = await lines.next();
      const said: Said = JSON.parse(String(value));
      return said;
    },
  };
}

async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function succeed(): Promise<JobOutcome> {
  return { state: "succeeded", result: null };
}

function isRunning(pid: number | undefined): boolean {
  return pid !== undefined && readProcessStart(pid) !== null;
}

/** Ids of the processes in a group, from /proc. */
function groupMembers(group: number): number[] {
  return Array.from({ length: 5 }, (_, ahead) => group + ahead).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(pgrp) === group && state !== "Z";
    } catch {
      return false;
    }
  });
}

describe.skipIf(process.platform === "win32")("a process killed while it runs a job", () => {
  it("leaves a job that the next start marks interrupted, its children ended, its partial file named", async () => {
    const home = temporaryHome();
    const partial = `${home.root}/shop.dump.partial`;
    const runner = startRunner(home, "file:/b/shop", partial);
    const { jobId = "", childPid = 0 } = await runner.next();
    expect(isRunning(childPid)).toBe(true);
    await killHard(runner.child);
    expect(isRunning(childPid)).toBe(true);

    const manager = await openManager(home);
    const job = manager.get(jobId);
    expect(job).toMatchObject({
      state: "interrupted",
      error: { code: "job.interrupted", detail: `Left half-written: ${partial}` },
    });
    expect(job.endedAt).not.toBeNull();
    await until(() => !isRunning(childPid), 3000);
    await until(() => groupMembers(childPid).length === 0, 3000);
    expect(existsSync(partial)).toBe(true);
    const { text } = await manager.readLog(job.id, 0);
    expect(text).toContain(`State: interrupted (process ${runner.child.pid}`);
    expect(text).toContain(`Ended process ${childPid}`);
    expect(text).toContain(`Left half-written: ${partial}`);
    // Its lock is free again.
    const spec = { kind: "backup", title: "Again", request: {}, locks: job.locks } as const;
    expect((await manager.run(spec, succeed)).state).toBe("succeeded");
  });

  it("does not cost an unrelated process its life that has got the child's id", async () => {
    const home = temporaryHome();
    const runner = startRunner(home, "file:/b/shop");
    const { jobId = "", childPid = 0 } = await runner.next();
    await killHard(runner.child);
    process.kill(-childPid, "SIGKILL");
    const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void bystander.kill("SIGKILL"));
    // The record as it would be had the bystander been given the dead child's id.
    const database = new DatabaseSync(home.jobsFile);
    database.prepare("UPDATE children SET pid = ?").run(bystander.pid ?? 0);
    database.close();
    const manager = await openManager(home);
    expect(manager.get(jobId).state).toBe("interrupted");
    expect(isRunning(bystander.pid)).toBe(true);
  });

  it("gives its lock to the first who asks, without a new start", async () => {
    const home = temporaryHome();
    const manager = await openManager(home);
    const runner = startRunner(home, "file:/b/shop");
    const { jobId = "" } = await runner.next();
    const spec = { kind: "backup", title: "Again", request: {}, locks: ["file:/b/shop"] } as const;
    await expect(manager.run(spec, succeed)).rejects.toMatchObject({ code: "job.conflict" });
    await killHard(runner.child);
    expect((await manager.run(spec, succeed)).state).toBe("succeeded");
    expect(manager.get(jobId).state).toBe("interrupted");
  });

  it("takes its children with it where it can still act, as at a second Ctrl-C", async () => {
    const home = temporaryHome();
    const runner = startRunner(home, "file:/b/shop");
    const { childPid = 0 } = await runner.next();
    expect(isRunning(childPid)).toBe(true);
    runner.child.kill("SIGUSR2");
    await until(() => groupMembers(childPid).length === 0, 3000);
  });

  it("leaves alone a job whose process still runs", async () => {
    const home = temporaryHome();
    const runner = startRunner(home, "file:/b/shop");
    const { jobId = "", childPid } = await runner.next();
    const manager = await openManager(home);
    expect(manager.get(jobId).state).toBe("running");
    expect(isRunning(childPid)).toBe(true);
    manager.requestCancel(jobId);
    expect(await runner.next()).toEqual({ ended: "cancelled" });
  });
});

describe.skipIf(process.platform === "win32")("two processes", () => {
  it("that race for a lock: exactly one wins, the other names it", async () => {
    for (let round = 0; round < 3; round += 1) {
      const home = temporaryHome();
      const runners = [startRunner(home, "file:/b/shop"), startRunner(home, "file:/b/shop")];
      const said = await Promise.all(runners.map((runner) => runner.next()));
      const winners = said.filter((each) => each.jobId !== undefined);
      const losers = said.filter((each) => each.error !== undefined);
      expect([winners.length, losers.length]).toEqual([1, 1]);
      expect(losers[0]?.error?.code).toBe("job.conflict");
      expect(losers[0]?.error?.detail).toContain(`Job ${winners[0]?.jobId}, process ${winners[0]?.pid}`);
      (await openManager(home)).requestCancel(winners[0]?.jobId ?? "");
      await until(() => !isRunning(winners[0]?.childPid), 5000);
    }
  });

  it("cancel each other's jobs through the command line", async () => {
    const home = temporaryHome();
    const env = { LIFEBOAT_HOME: home.root };
    const runner = startRunner(home, "file:/b/shop");
    const { jobId = "" } = await runner.next();
    const early = await runCli(["jobs", "retry", jobId, "--json"], { env });
    expect(early.code).toBe(1);
    expect(JSON.parse(early.stdout)).toMatchObject({ error: { code: "job.notRetryable" } });
    const cancelled = await runCli(["jobs", "cancel", jobId, "--json"], { env });
    expect(cancelled.code).toBe(0);
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ id: jobId, state: "cancelling" });
    expect(await runner.next()).toEqual({ ended: "cancelled" });
    const log = await runCli(["log", jobId, "--follow"], { env });
    expect(log.stdout).toMatch(/State: cancelling\n.*State: cancelled\n/s);
    const again = await runCli(["jobs", "cancel", jobId], { env });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("is not running: cancelled") });
    const listed = await runCli(["jobs"], { env });
    expect(listed.stdout).toMatch(new RegExp(`${jobId} .* cancelled +Back up shop`));
  });

  it("open a new home at the same moment without getting in each other's way", async () => {
    const home = temporaryHome();
    const ends = await Promise.all(
      Array.from({ length: 6 }, () => runCli(["jobs", "--json"], { env: { LIFEBOAT_HOME: home.root } })),
    );
    for (const end of ends) expect(end).toMatchObject({ code: 0, stdout: "[]\n", stderr: "" });
  });
});
