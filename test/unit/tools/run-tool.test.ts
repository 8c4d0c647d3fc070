import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runTool, type ToolRequest } from "../../../electron/tools/run-tool.ts";
import { failureOf } from "../../../shared/error/classify.ts";

const fake = (name: string): string => join(import.meta.dirname, "../../fixtures/tools", name);

function run(name: string, request: Partial<ToolRequest> = {}): ReturnType<typeof runTool> {
  return runTool({ path: fake(name), args: [], env: {}, stdout: "ignore", phase: "dump", ...request });
}

/** Whether a process runs. One that ended and that its new parent has not yet asked about does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!condition() && Date.now() < end) await sleep(50);
  return condition();
}

/** Starts a tool and waits for the line that it is ready, giving the number in it. */
async function started(name: string, request: Partial<ToolRequest> = {}) {
  const line = Promise.withResolvers<string>();
  const tool = run(name, { ...request, onStderrLine: line.resolve });
  return { tool, worker: Number(/\d+/.exec(await line.promise)?.[0] ?? 0) };
}

describe.skipIf(process.platform !== "linux")("runTool", () => {
  test("arguments arrive as they are, and of the environment only what was given", async () => {
    const lines: string[] = [];
    const args = ["--dbname=dbname='a b'", "$HOME; rm -rf x", "*", "", "ä\n`id`"];
    const exit = await run("tell", { args, env: { GIVEN: "1", LC_ALL: "C" }, stdout: (line) => lines.push(line) }).exit;
    expect(exit).toMatchObject({ exitCode: 0, signal: null, outcome: "exited", stderr: "" });
    const text = lines.join("\n");
    expect(text).toContain(args.map((word) => `arg ${word}`).join("\n"));
    const names = lines.filter((line) => line.startsWith("env ")).map((line) => line.slice(4).split("=", 1)[0]);
    // What is left over is the shell's own doing.
    expect(names.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name ?? ""))).toEqual(["GIVEN", "LC_ALL"]);
  });

  test("a stream is not drained before somebody reads it, and slow reading is no stall", async () => {
    const size = 20_000_000;
    const tool = run("produce", { args: [String(size)], stdout: "stream", stallMs: 1_500 });
    await sleep(2_500);
    let bytes = 0;
    tool.stdout?.on("readable", () => {
      for (let chunk = tool.stdout?.read(); chunk instanceof Buffer; chunk = tool.stdout?.read()) bytes += chunk.length;
    });
    const exit = await tool.exit;
    expect(bytes).toBe(size);
    expect(exit).toMatchObject({ exitCode: 0, outcome: "exited" });
  });

  test("files a child makes are private", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lifeboat-umask-"));
    const path = join(folder, "dump");
    const before = process.umask();
    await run("touch-file", { args: [path] }).exit;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(before);
    await rm(folder, { recursive: true });
  });

  test("50 MB of stderr stay bounded, with the beginning and the end", async () => {
    let lines = 0;
    const exit = await run("chatty", { onStderrLine: () => (lines += 1) }).exit;
    expect(lines).toBeGreaterThan(700_000);
    expect(exit.stderr.length).toBeLessThan(20_100_000);
    expect(exit.stderr).toMatch(/^pg_fake: error: query failed/);
    expect(exit.stderr).toContain("lines left out");
    expect(exit.stderr).toMatch(/the very end$/);
    expect(failureOf("pg_fake", exit, "dump")).toMatchObject({ code: "postgres.outOfLocks" });
  });

  test("an endless line is cut while it arrives", async () => {
    const { stderr } = await run("endless-line").exit;
    expect(stderr).toMatch(/^x{65536} … \(4934464 bytes left out\)$/);
  });

  test("invalid UTF-8 does not stop anything", async () => {
    const exit = await run("invalid-utf8").exit;
    expect(exit.stderr).toBe("pg_fake: error: could not write to na\ufffdme");
    expect(exit.exitCode).toBe(1);
  });

  test.each(["SEGV", "KILL"])("ended by SIG%s from outside", async (signal) => {
    const exit = await run("dies", { args: [signal] }).exit;
    expect(exit).toMatchObject({ exitCode: null, signal: `SIG${signal}`, outcome: "exited" });
    expect(failureOf("pg_fake", exit, "dump")).toMatchObject({ code: "tool.killed" });
  });

  test("a program that is not there, or may not be run, is told and not thrown", async () => {
    const missing = await runTool({ path: "/nowhere/pg_dump", args: [], env: {}, stdout: "stream", phase: "dump" })
      .exit;
    expect(missing.outcome).toBe("notStarted");
    expect(failureOf("pg_dump", missing, "dump")).toMatchObject({ code: "tool.missing" });
    const forbidden = await run("README.md", { path: join(import.meta.dirname, "run-tool.test.ts") }).exit;
    expect(failureOf("pg_dump", forbidden, "dump")).toMatchObject({
      code: "tool.failed",
      detail: expect.stringContaining("EACCES"),
    });
    const relative = await run("x", { path: "pg_dump" }).exit;
    expect(relative.outcome).toBe("notStarted");
    const impossible = await run("tell", { args: ["a\0b"] }).exit;
    expect(impossible.outcome).toBe("notStarted");
  });

  test("cancel reaches the worker as well as its leader", async () => {
    const controller = new AbortController();
    const { tool, worker } = await started("with-worker", { signal: controller.signal });
    expect(isAlive(worker)).toBe(true);
    controller.abort();
    const exit = await tool.exit;
    expect(exit.outcome).toBe("cancelled");
    // Its output is closed a moment before the process is gone.
    expect(await until(() => !isAlive(worker), 2_000)).toBe(true);
    expect(exit.elapsedMs).toBeLessThan(8_000);
    expect(failureOf("pg_fake", exit, "dump")).toMatchObject({ code: "job.cancelled" });
  });

  test("who ignores SIGINT and SIGTERM is killed after ten seconds", async () => {
    const controller = new AbortController();
    const { tool } = await started("stubborn", { signal: controller.signal });
    const cancelledAt = Date.now();
    controller.abort();
    expect(await tool.exit).toMatchObject({ signal: "SIGKILL", outcome: "cancelled" });
    expect(Date.now() - cancelledAt).toBeGreaterThan(9_500);
    expect(Date.now() - cancelledAt).toBeLessThan(13_000);
  });

  test("a cancelled stream closes although nobody reads it", async () => {
    const controller = new AbortController();
    const tool = run("produce", { args: ["100000000"], stdout: "stream", signal: controller.signal });
    await sleep(200);
    controller.abort();
    expect(await tool.exit).toMatchObject({ outcome: "cancelled" });
  });

  test("a signal that was given before the start starts nothing", async () => {
    const tool = run("slow", { signal: AbortSignal.abort() });
    expect(tool.pid).toBe(0);
    expect(await tool.exit).toMatchObject({ outcome: "cancelled" });
  });

  test("silence is a stall, and a limit is a limit", async () => {
    const [stalled, timedOut] = await Promise.all([
      run("slow", { stallMs: 600 }).exit,
      run("slow", { limitMs: 300 }).exit,
    ]);
    expect(stalled).toMatchObject({ outcome: "stalled", signal: "SIGINT" });
    expect(timedOut).toMatchObject({ outcome: "timedOut", signal: "SIGINT" });
    expect(failureOf("pg_fake", stalled, "dump")).toMatchObject({ code: "tool.stalled" });
  });

  test("what a tool leaves in its group is ended, and exit does not wait for it for ever", async () => {
    const { tool, worker } = await started("leaves-worker");
    const exit = await tool.exit;
    expect(exit).toMatchObject({ exitCode: 0, outcome: "exited" });
    // Its output is closed a moment before the process is gone.
    expect(await until(() => !isAlive(worker), 2_000)).toBe(true);
  });

  test("the guard ends the children of a Lifeboat that was killed", async () => {
    const script = `
      import { runTool } from ${JSON.stringify(join(import.meta.dirname, "../../../electron/tools/run-tool.ts"))};
      runTool({ path: ${JSON.stringify(fake("with-worker"))}, args: [], env: {}, stdout: "ignore", phase: "dump",
        onStderrLine: (line) => console.log(line) });
    `;
    const host = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) => host.stdout.once("data", (chunk) => resolve(String(chunk))));
    const worker = Number(/\d+/.exec(line)?.[0]);
    expect(isAlive(worker)).toBe(true);
    host.kill("SIGKILL");
    // The worker does not mind SIGINT, so that it takes the second signal, three seconds later.
    expect(await until(() => !isAlive(worker), 8_000)).toBe(true);
  });

  test("the guard keeps no process from ending", async () => {
    const script = `
      import { runTool } from ${JSON.stringify(join(import.meta.dirname, "../../../electron/tools/run-tool.ts"))};
      const { exit } = runTool({ path: "/bin/true", args: [], env: {}, stdout: "ignore", phase: "dump" });
      console.log((await exit).outcome);
    `;
    const host = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    expect(await new Promise((resolve) => host.once("close", resolve))).toBe(0);
  });
});
