import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkFolder } from "../../../electron/doctor/check-folders.ts";
import { checkTools } from "../../../electron/doctor/check-tools.ts";
import { examine } from "../../../electron/doctor/examine.ts";
import { type Home, locateHome } from "../../../electron/home.ts";
import { openJobManager } from "../../../electron/jobs/job-manager.ts";

let root: string;
let home: Home;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lifeboat-doctor-"));
  home = locateHome({ LIFEBOAT_HOME: join(root, "home") });
});
afterEach(() => rm(root, { recursive: true }));

describe("tools", () => {
  test("nothing installed: what fails, and how to install", () => {
    expect(checkTools([])).toMatchObject([
      { subject: "pg_dump", state: "broken", remedy: expect.stringMatching(/^Install/) },
      { subject: "pg_restore", state: "broken" },
    ]);
  });

  test("known holes are one line with the release that mends them all", () => {
    const tools = { pg_dump: "/x/pg_dump", pg_restore: "/x/pg_restore", psql: "/x/psql" };
    const at = (minor: number) =>
      checkTools([{ version: { major: 15, minor, text: `15.${minor}` }, folder: "/x", source: "PATH", tools }]);
    expect(at(18)).toMatchObject([
      { state: "works", message: "pg_dump, pg_restore, psql in /x (PATH)" },
      {
        state: "attention",
        message: expect.stringContaining("CVE-2026-18408"),
        remedy: "Update to 15.20 or newer. Until then Lifeboat runs no SQL file with it.",
      },
    ]);
    expect(at(20)).toHaveLength(1);
  });
});

describe("folders", () => {
  test("one that is there, one that is not yet, one that others may change, and a file in its place", async () => {
    expect(await checkFolder("a", root)).toMatchObject([{ state: "works", message: expect.stringContaining("free") }]);
    expect(await checkFolder("a", join(root, "b", "c"))).toMatchObject([
      { state: "works", message: expect.stringContaining("not made yet") },
    ]);
    await mkdir(join(root, "open"));
    await chmod(join(root, "open"), 0o777);
    expect(await checkFolder("a", join(root, "open"))).toMatchObject([
      { state: "attention", remedy: expect.stringContaining("chmod") },
    ]);
    await writeFile(join(root, "file"), "");
    expect(await checkFolder("a", join(root, "file"))).toMatchObject([{ state: "broken" }]);
  });
});

describe("all of it", () => {
  test("unfinished files are named, and one part that cannot be looked at does not hide the others", async () => {
    const partial = join(home.backupsFolder, "shop", "shop_20261121T020000Z.dump.partial");
    await mkdir(join(partial, ".."), { recursive: true });
    await writeFile(partial, "");
    await writeFile(home.settingsFile, "no JSON");
    const { checks, backupPossible } = await examine({ home, env: {}, jobs: () => openJobManager(home) });
    expect(checks.filter(({ message }) => message.includes(partial))).toMatchObject([{ state: "attention" }]);
    expect(checks.filter(({ area }) => area === "tools")).toMatchObject([
      { state: "broken", message: expect.stringContaining("settings.json") },
    ]);
    expect(new Set(checks.map(({ area }) => area))).toEqual(
      new Set(["tools", "folders", "keychain", "sample", "backups", "jobs"]),
    );
    expect(backupPossible).toBe(false);
  });
});
