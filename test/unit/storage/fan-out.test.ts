import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FanOutOptions, openFanOut } from "../../../electron/storage/fan-out.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { hashChunkBytes } from "../../../electron/storage/part-sums.ts";
import type { Place } from "../../../electron/storage/place.ts";
import type { Storage } from "../../../electron/storage/storage.ts";
import { AppError } from "../../../shared/error/app-error.ts";

const MiB = 1024 * 1024;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lifeboat-fan-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const newPlace = (location: string, storage: Storage): Place => ({
  location,
  storage,
  failure: null,
  isBehind: false,
  written: [],
});
const folderPlace = (name: string): Place => newPlace(name, createLocalStorage(join(root, name)));

/** A storage far away that takes each piece after a while, or never; what it had is under `root` when it ends well. */
function slowPlace(name: string, take: () => Promise<unknown>): Place {
  const storage = createLocalStorage(join(root, name));
  return newPlace(name, {
    ...storage,
    kind: "s3",
    async write(path, pieces, options) {
      const slowly = async function* () {
        for await (const piece of pieces) {
          yield piece;
          await take();
        }
      };
      return storage.write(path, slowly(), options);
    },
  });
}

const fail = (text: string) => () => Promise.reject(new AppError("storage.full", text));

const impatient = { behindMs: 50, stallMs: 100 };
const never = new AbortController().signal;
const options = (more: Partial<FanOutOptions> = {}): FanOutOptions => ({
  signal: never,
  hasLateHead: false,
  // A busy machine is no slow place.
  patience: { behindMs: 60_000, stallMs: 60_000 },
  ...more,
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const filesIn = (name: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.startsWith(join(root, name)))
    .map((entry) => entry.name);

describe("one stream to several places", () => {
  it("is the same in all of them, with the head set at the end and the hashes of that", async () => {
    const places = [folderPlace("a"), folderPlace("b"), slowPlace("c", () => Promise.resolve())];
    const bytes = randomBytes(11 * MiB + 7);
    const head = randomBytes(hashChunkBytes + 99);
    let isHeld = false;
    const file = openFanOut("shop/x.dump", places, options({ hasLateHead: true }));
    for (let at = 0; at < bytes.length; at += 300_000) {
      await file.write(bytes.subarray(at, at + 300_000));
      if (at === 6_000_000) isHeld = file.head?.expect(head.length) ?? false;
    }
    expect(isHeld).toBe(true);
    file.head?.replace(head);
    const digest = await file.commit();
    const wanted = Buffer.concat([head, bytes.subarray(head.length)]);
    for (const name of ["a", "b", "c"])
      expect(readFileSync(join(root, name, "shop", "x.dump")).equals(wanted), name).toBe(true);
    expect(digest).toEqual({
      sizeBytes: wanted.length,
      sha256: sha256(wanted),
      chunks: [0, 1, 2].map((part) => sha256(wanted.subarray(part * hashChunkBytes, (part + 1) * hashChunkBytes))),
    });
    expect(places.map(({ written }) => written)).toEqual([["shop/x.dump"], ["shop/x.dump"], ["shop/x.dump"]]);
  });

  it("has no name anywhere before its commit, and leaves nothing when it is given up", async () => {
    const places = [folderPlace("a"), folderPlace("b")];
    const file = openFanOut("shop/x.dump", places, options());
    await file.write(randomBytes(3 * MiB));
    await sleep(20);
    expect([...filesIn("a"), ...filesIn("b")].every((name) => name.endsWith(".partial"))).toBe(true);
    await file.discard();
    expect([...filesIn("a"), ...filesIn("b")]).toEqual([]);
    expect(places.map(({ failure }) => failure)).toEqual([null, null]);
  });

  it("goes on without a place that fails, which says why", async () => {
    let count = 0;
    const failing = slowPlace("bad", async () => {
      if ((count += 1) === 4) throw new AppError("storage.full", "There is no space left.");
    });
    const places = [failing, folderPlace("good")];
    const file = openFanOut("x", places, options());
    for (let piece = 0; piece < 20; piece++) await file.write(randomBytes(MiB));
    expect((await file.commit()).sizeBytes).toBe(20 * MiB);
    expect(failing.failure).toMatchObject({ code: "storage.full" });
    expect(filesIn("bad")).toEqual([]);
    expect(filesIn("good")).toEqual(["x"]);
  });

  it("fails when the last place does, with every place's reason", async () => {
    const places = [slowPlace("one", fail("full here")), slowPlace("two", fail("full there"))];
    const file = openFanOut("x", places, options());
    const writeAll = async () => {
      for (let piece = 0; piece < 50; piece++) {
        await file.write(randomBytes(MiB));
        await sleep(1);
      }
    };
    await expect(writeAll()).rejects.toMatchObject({ message: "full here", detail: "two: full there" });
    await file.discard();
  });

  it("leaves one behind that cannot keep up with a folder, and does not call that a failure", async () => {
    const slow = slowPlace("slow", () => sleep(400));
    const waited: (string | null)[] = [];
    const file = openFanOut(
      "x",
      [slow, folderPlace("fast")],
      options({ patience: impatient, onWaiting: (place) => waited.push(place) }),
    );
    for (let piece = 0; piece < 40; piece++) await file.write(randomBytes(MiB));
    await file.commit();
    expect(slow).toMatchObject({ isBehind: true, failure: null, written: [] });
    expect(waited).toContain("slow");
    expect(waited.at(-1)).toBeNull();
    expect(filesIn("slow")).toEqual([]);
    expect(filesIn("fast")).toEqual(["x"]);
  });

  it("goes at the pace of a slow one where no folder could give it its copy", async () => {
    const slow = slowPlace("slow", () => sleep(10));
    const fast = slowPlace("fast", () => Promise.resolve());
    const file = openFanOut("x", [slow, fast], options({ patience: { behindMs: 1, stallMs: 60_000 } }));
    for (let piece = 0; piece < 40; piece++) await file.write(randomBytes(MiB));
    await file.commit();
    expect([filesIn("slow"), filesIn("fast")]).toEqual([["x"], ["x"]]);
  });

  it("gives one up that takes nothing any more", async () => {
    const stuck = slowPlace("stuck", () => sleep(1_000_000, undefined, { ref: false }));
    const file = openFanOut("x", [stuck, slowPlace("fast", () => Promise.resolve())], options({ patience: impatient }));
    for (let piece = 0; piece < 40; piece++) await file.write(randomBytes(MiB));
    expect(stuck.failure).toMatchObject({ code: "storage.unreachable" });
  });

  it("does not hold back a head that is too long for an upload's memory; folders alone take any", async () => {
    const far = openFanOut(
      "x",
      [folderPlace("a"), slowPlace("far", () => Promise.resolve())],
      options({ hasLateHead: true }),
    );
    expect(far.head?.expect(49 * MiB)).toBe(false);
    await far.discard();
    const near = openFanOut("x", [folderPlace("a")], options({ hasLateHead: true }));
    expect(near.head?.expect(49 * MiB)).toBe(true);
    await near.discard();
  });

  it("ends with the reason when it is cancelled, and nothing stays", async () => {
    const cancel = new AbortController();
    const file = openFanOut("x", [folderPlace("a")], options({ signal: cancel.signal }));
    await file.write(randomBytes(MiB));
    cancel.abort(new Error("enough"));
    await expect(file.write(randomBytes(MiB))).rejects.toThrow("enough");
    await file.discard();
    expect(filesIn("a")).toEqual([]);
  });
});
