import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { makeBucket, openBucket, unfinishedUploads } from "../helpers/bucket.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";

const MiB = 1024 * 1024;
const block = randomBytes(MiB);

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield block;
}

function sameBlock(bytes: Uint8Array, at: number): boolean {
  return block.equals(bytes.subarray(at * MiB, (at + 1) * MiB));
}

async function pathsIn(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of storage.list("", { recursive: true })) found.push(entry.path);
  return found;
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error("it did not fail as expected", { cause: error });
}

const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(rgwHere !== "run")(`a bucket behind a bad line (${rgwHere})`, () => {
  let rgw: TestRgw;
  let proxy: FaultProxy;
  const open = (more = {}, secret?: string) =>
    openBucket(rgw, "faults", "", { endpoint: `http://127.0.0.1:${proxy.port}`, ...more }, secret);
  beforeAll(async () => {
    rgw = await startRgw();
    proxy = await startFaultProxy(rgw.port);
    await makeBucket(rgw, "faults");
    await makeBucket(rgw, "locked", true);
  }, 180_000);
  beforeEach(() => proxy.reset());
  afterAll(async () => {
    await proxy?.close();
    await rgw?.stop();
  });

  it("a clock that is a day off does no harm; one that is set while we work is told as that", async () => {
    const storage = await open();
    await storage.write("shop/clock", piecesOf("x"));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 24 * 60 * 60 * 1000 });
    try {
      // The SDK takes the time from the storage's refusal, and tries again.
      expect(Buffer.from(await storage.read("shop/clock")).toString()).toBe("x");
    } finally {
      vi.useRealTimers();
    }
    const failure = await failureOf(storage.read("shop/clock"));
    expect(failure).toMatchObject({ code: "storage.clockSkew", message: expect.stringContaining("machine's clock") });
    await storage.delete("shop/clock");
    await storage.close();
  });

  it("leaves no object and no parts when an upload is cut for good", async () => {
    const storage = await open();
    proxy.reset({ cutAfterSent: 25 * MiB, staysCut: true });
    // The line comes back before the parts are to be aborted.
    const mending = setInterval(() => {
      if (proxy.connections > 25) proxy.faults = {};
    }, 20);
    await expect(storage.write("cut", endsBadly(megabytes(60)), { expectedBytes: 60 * MiB })).rejects.toMatchObject({
      message: expect.stringMatching(/lost|the source ends/),
    });
    clearInterval(mending);
    expect(await pathsIn(storage)).toEqual([]);
    expect(await unfinishedUploads(rgw, "faults")).toEqual([]);
  });

  it("goes on with an upload after a cut, and what is stored is what was sent", async () => {
    const storage = await open();
    proxy.reset({ cutAfterSent: 21 * MiB });
    await storage.write("mended", megabytes(50), { expectedBytes: 50 * MiB });
    expect(proxy.faults.cutAfterSent).toBeNull();
    for await (const piece of (await openBucket(rgw, "faults")).readStream("mended"))
      expect(piece.length).toBeGreaterThan(0);
    expect((await storage.stat("mended")).sizeBytes).toBe(50 * MiB);
    await storage.delete("mended");
  });

  it("never stores a byte that was changed on the way", async () => {
    const storage = await open();
    proxy.reset({ corruptSentAt: 20 * MiB });
    const end = await storage.write("changed", megabytes(40), { expectedBytes: 40 * MiB }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(proxy.faults.corruptSentAt).toBeNull();
    // Whichever it was, sent again or given up: what is there is what was sent, or nothing is.
    const stored = end === null ? await storage.read("changed") : null;
    const isRight = stored === null || Array.from({ length: 40 }, (_, at) => at).every((at) => sameBlock(stored, at));
    expect(isRight).toBe(true);
    expect(await pathsIn(storage)).toEqual(end === null ? ["changed"] : []);
    await storage.delete("changed");
    expect(await unfinishedUploads(rgw, "faults")).toEqual([]);
  });

  it("reads on where a read was cut", async () => {
    const storage = await open();
    await storage.write("read", megabytes(20), { expectedBytes: 20 * MiB });
    proxy.reset({ cutAfterReceived: 7 * MiB + 123 });
    const bytes = await storage.read("read");
    expect(proxy.faults.cutAfterReceived).toBeNull();
    expect(bytes).toHaveLength(20 * MiB);
    for (let at = 0; at < 20; at += 1) expect(sameBlock(bytes, at)).toBe(true);
    await storage.delete("read");
  });

  it("ends a stalled transfer when asked to, at once", async () => {
    const storage = await open();
    await storage.write("stalled", megabytes(20), { expectedBytes: 20 * MiB });
    proxy.reset({ stallAfterReceived: 3 * MiB });
    const signal = AbortSignal.timeout(1500);
    const startedAt = performance.now();
    await expect(storage.read("stalled", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    proxy.reset();
    await storage.delete("stalled");
  });

  it("tells wrong keys, missing buckets, and dead addresses apart, and gives no secret away", async () => {
    const secret = "a-secret-that-nobody-may-see";
    const cases: [string, Promise<Storage>][] = [
      ["storage.credentials", open({}, secret)],
      ["storage.credentials", open({ credentials: { from: "keychain", accessKeyId: "NOBODY" } }, secret)],
      ["storage.bucketMissing", open({ bucket: "gone" })],
      ["storage.unreachable", open({ endpoint: "http://127.0.0.1:9" })],
    ];
    for (const [code, opening] of cases) {
      const storage = await opening;
      for (const failing of [
        failureOf(pathsIn(storage)),
        failureOf(storage.stat("x")),
        failureOf(storage.read("x")),
        failureOf(storage.write("x", piecesOf("x"))),
        failureOf(storage.delete("x")),
        failureOf(storage.sweepStaleUploads()),
      ]) {
        const error = await failing;
        expect(error.code).toBe(code);
        expect(JSON.stringify(error) + error.stack + String(error.cause)).not.toContain(secret);
        expect(error.hint).toBeDefined();
      }
    }
    await expect(open({ endpoint: "http://storage.example.org" })).rejects.toMatchObject({ code: "storage.insecure" });
  }, 180_000);

  it("recognises versioning and Object Lock", async () => {
    expect(await (await open({ bucket: "locked" })).describe()).toMatchObject({ versioning: "on", objectLock: "on" });
    expect(await (await open()).describe()).toMatchObject({ versioning: "off", objectLock: "off" });
  });

  it("lists beyond a page of 1,000 keys", async () => {
    const storage = await open({ prefix: "many" });
    const names = Array.from({ length: 1203 }, (_, at) => `shop/${at}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => storage.write(name, piecesOf("x"))));
    expect((await pathsIn(storage)).toSorted()).toEqual(names.toSorted());
  });
});

const canMount = requirement("root and tmpfs", process.getuid?.() === 0 && process.platform === "linux");

describe.skipIf(canMount !== "run")(`a folder on a full disk (${canMount})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-full-"));
  beforeAll(() => execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]));
  afterAll(() => {
    execFileSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  });

  it("says so, and leaves nothing", async () => {
    const storage = createLocalStorage(folder);
    expect((await failureOf(storage.write("shop/large", megabytes(9)))).code).toBe("storage.full");
    expect(readdirSync(folder, { recursive: true })).toEqual(["shop"]);
    expect((await storage.describe()).freeBytes).toBeGreaterThan(3 * MiB);
  });
});

async function* endsBadly(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
  throw new Error("the source ends");
}
