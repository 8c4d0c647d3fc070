import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRecentArchives } from "../../../electron/archives/recent-archives.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-recent-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archive = (path: string) => ({ path, database: "shop", createdAt: "", sizeBytes: 1, openedAt: "" });

describe("archives opened lately", () => {
  it("are kept in the home, the newest first and each once, twenty at most", async () => {
    const file = join(folder, "recent.json");
    const recent = openRecentArchives(file);
    expect(await recent.list()).toEqual([]);
    await Promise.all([recent.remember(archive("/a")), openRecentArchives(file).remember(archive("/b"))]);
    await recent.remember(archive("/a"));
    expect((await openRecentArchives(file).list()).map(({ path }) => path)).toEqual(["/a", "/b"]);
    await recent.forget("/a");
    await recent.forget("/gone");
    expect(await recent.list()).toEqual([archive("/b")]);
    // oxlint-disable-next-line no-await-in-loop -- one after another is the point
    for (let count = 0; count < 25; count += 1) await recent.remember(archive(`/${count}`));
    expect(await recent.list()).toHaveLength(20);
  });

  it("begin anew where the file cannot be read", async () => {
    const file = join(folder, "damaged.json");
    writeFileSync(file, "{");
    const recent = openRecentArchives(file);
    expect(await recent.list()).toEqual([]);
    await recent.remember(archive("/a"));
    expect(await recent.list()).toHaveLength(1);
  });
});
