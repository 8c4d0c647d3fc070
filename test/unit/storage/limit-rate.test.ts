import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { limitRate } from "../../../electron/storage/limit-rate.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { collectBytes, piecesOf } from "../../../electron/storage/storage.ts";

const root = mkdtempSync(join(tmpdir(), "lifeboat-rate-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("keeps what goes to several storages and comes back to one rate, and changes nothing of it", async () => {
  const limit = limitRate(1_000_000);
  const [one, two] = ["one", "two"].map((name) => limit(createLocalStorage(join(root, name))));
  const bytes = Buffer.alloc(300_000, "some bytes, ");
  const startedAt = performance.now();
  await Promise.all([one?.write("x", piecesOf(bytes)), two?.write("x", piecesOf(bytes))]);
  // The first slice of each goes at once; time alone is no proof of a bound, but a shorter one would break it.
  expect(performance.now() - startedAt).toBeGreaterThan(400);
  expect(Buffer.compare(await collectBytes(one?.readStream("x") ?? piecesOf()), bytes)).toBe(0);
});

it("does not keep a cancelled one waiting", async () => {
  const storage = limitRate(1000)(createLocalStorage(join(root, "slow")));
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(new Error("enough")), 20);
  const writing = storage.write("x", piecesOf(Buffer.alloc(1_000_000)), { signal: cancel.signal });
  await expect(writing).rejects.toThrow("enough");
});
