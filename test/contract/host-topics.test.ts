import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJobManager } from "../../electron/jobs/job-manager.ts";
import { methods } from "../../shared/contract/methods.ts";
import { startHost, type TestHost } from "../helpers/host.ts";
import { connectClient, jobsIn, type Streamed } from "../helpers/host-client.ts";
import { startCli } from "../helpers/run-cli.ts";

const rendererFolder = mkdtempSync(join(tmpdir(), "lifeboat-window-"));
let host: TestHost;

beforeAll(async () => {
  host = await startHost({ rendererFolder });
});

afterAll(async () => {
  await host.stop();
  rmSync(rendererFolder, { recursive: true, force: true });
});

const spec = { kind: "backup", title: "Back up shop", request: { database: "shop" }, locks: [] } as const;

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 20) {
    if (waitedMs > 8000) throw new Error("what was waited for did not happen");
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await sleep(20);
  }
}

const statesOf = (stream: readonly Streamed[], id: string) =>
  stream.flatMap(jobsIn).flatMap((job) => (job.id === id ? [job.state] : []));

/** The id of the job that runs now, once there is one. */
async function runningJob(stream: readonly Streamed[]): Promise<string> {
  const running = () => stream.flatMap(jobsIn).find(({ id }) => statesOf(stream, id).at(-1) === "running");
  await until(() => running() !== undefined);
  return running()?.id ?? "";
}

describe("the contract", () => {
  it("has a handler behind every method", async () => {
    const client = await connectClient(host);
    for (const method of Object.keys(methods)) {
      // Arguments that no method takes: whoever answers is known to be there, and nothing is done.
      const error = await client.refused(method, { nonsense: true });
      expect(error.code, method).toBe("contract.badArguments");
    }
    client.close();
  });

  it("refuses topics and messages it does not know", async () => {
    const client = await connectClient(host);
    const { socket } = client;
    socket.send(JSON.stringify({ kind: "subscribe", id: 500, topic: "secrets" }));
    socket.send(JSON.stringify({ kind: "unsubscribe", id: 501 }));
    await client.invoke("hello", {});
    expect(client.frames.some((frame) => frame.includes("contract.unknownMethod"))).toBe(true);
    client.close();
  });
});

describe("the topic jobs", () => {
  it("tells two windows the same, in order and without a gap, of jobs that another process runs", async () => {
    const [first, second] = [await connectClient(host), await connectClient(host)];
    const streams = [first.subscribe("jobs"), second.subscribe("jobs")];
    await until(() => streams.every((stream) => stream.length > 0));
    // Another manager on the same home is what another process is.
    const elsewhere = await openJobManager(host.home);
    const job = await elsewhere.run(spec, async (context) => {
      context.step("Copying");
      await sleep(1200);
      context.progress({ kind: "unmeasured", bytes: 5, rows: 1, current: null });
      await sleep(700);
      return { state: "succeeded", result: null };
    });
    await until(() => streams.every((stream) => statesOf(stream, job.id).at(-1) === "succeeded"));
    for (const stream of streams) {
      expect(statesOf(stream, job.id)).toContain("running");
      expect(stream.map(({ seq }) => seq)).toEqual(stream.map((_, index) => index + 1));
    }
    const third = await connectClient(host);
    const late = third.subscribe("jobs");
    await until(() => late.length > 0);
    expect(jobsIn(late[0] ?? { kind: "snapshot", seq: 0, value: [] })[0]).toEqual(job);
    elsewhere.close();
    for (const client of [first, second, third]) client.close();
  });

  it("cancels from one window what another process runs, and both see it", async () => {
    const client = await connectClient(host);
    const stream = client.subscribe("jobs");
    await until(() => stream.length > 0);
    const elsewhere = await openJobManager(host.home);
    const ended = elsewhere.run(
      spec,
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const running = await runningJob(stream);
    expect(await client.invoke("jobs.cancel", { id: running })).toMatchObject({ state: "cancelling" });
    expect((await ended).state).toBe("cancelled");
    await until(() => statesOf(stream, running).at(-1) === "cancelled");
    expect(await client.refused("jobs.cancel", { id: running })).toMatchObject({ code: "job.notRunning" });
    elsewhere.close();
    client.close();
  });

  it("shows a job whose process was killed as interrupted", { timeout: 30_000 }, async () => {
    const client = await connectClient(host);
    const stream = client.subscribe("jobs");
    const { child } = startCli([], { script: "test/fixtures/jobs/run-job.ts", env: { LIFEBOAT_HOME: host.home.root } });
    const id = await runningJob(stream);
    child.kill("SIGKILL");
    for (let waitedMs = 0; statesOf(stream, id).at(-1) !== "interrupted" && waitedMs < 15_000; waitedMs += 100)
      await sleep(100);
    expect(statesOf(stream, id).at(-1)).toBe("interrupted");
    client.close();
  });
});

describe("settings", () => {
  it("are the same in two windows, also when the file is changed by hand", async () => {
    const [first, second] = [await connectClient(host), await connectClient(host)];
    const stream = second.subscribe("settings");
    await until(() => stream.length > 0);
    await first.invoke("settings.set", { theme: "dark" });
    await until(() => JSON.stringify(stream.at(-1)).includes('"theme":"dark"'));
    expect(stream.at(-1)?.kind).toBe("delta");
    writeFileSync(host.home.settingsFile, JSON.stringify({ theme: "light", future: 1 }));
    await until(() => JSON.stringify(stream.at(-1)).includes('"theme":"light"'));
    await first.invoke("settings.set", { notifications: false });
    expect(await second.invoke("settings.get", {})).toMatchObject({ theme: "light", notifications: false });
    expect(readFileSync(host.home.settingsFile, "utf8")).toContain('"future": 1');
    first.close();
    second.close();
  });

  it("move the backups folder, and refuse what is no whole path", async () => {
    const client = await connectClient(host);
    const changes = client.subscribe("changes");
    const folder = join(host.home.backupsFolder, "elsewhere");
    await client.invoke("settings.set", { backupsFolder: folder });
    expect((await client.invoke("backups.list", {})).location).toBe(folder);
    await until(() => changes.length > 1);
    expect(changes.at(-1)?.value).toEqual({ what: "backups" });
    expect(await client.refused("settings.set", { backupsFolder: "backups" })).toMatchObject({
      code: "contract.placeNotAllowed",
    });
    await client.invoke("settings.set", { backupsFolder: null });
    expect((await client.invoke("backups.list", {})).location).toBe(host.home.backupsFolder);
    client.close();
  });

  it("let no browser choose which programs are run", async () => {
    const client = await connectClient(host);
    expect(await client.refused("settings.set", { toolFolders: ["/tmp"] })).toMatchObject({ code: "contract.notHere" });
    expect(await client.invoke("settings.set", { toolFolders: [] })).toMatchObject({ toolFolders: [] });
    client.close();
  });

  it("that are damaged are told and left as they are", async () => {
    const client = await connectClient(host);
    writeFileSync(host.home.settingsFile, "{ theme");
    expect(await client.refused("settings.get", {})).toMatchObject({ code: "settings.invalid" });
    expect(await client.refused("settings.set", { theme: "dark" })).toMatchObject({ code: "settings.invalid" });
    expect(await client.invoke("hello", {})).toMatchObject({ host: "browser" });
    writeFileSync(host.home.settingsFile, "{}");
    client.close();
  });
});

describe("files.list", () => {
  it("shows the roots and nothing beyond them", async () => {
    const client = await connectClient(host);
    const { roots, path } = await client.invoke("files.list", { path: null });
    expect(roots.map((root) => root.path)).toContain(path);
    for (const outside of ["/", "/etc", `${path}/..`, `${path}/../..`, "..", "etc", "/proc/self/root", "/absent"])
      expect(await client.refused("files.list", { path: outside }), outside).toMatchObject({
        code: "contract.placeNotAllowed",
      });
    client.close();
  });
});
