import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { locatePgpass, readPgpass } from "../../../electron/secrets/pgpass.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-pgpass-"));
const path = join(folder, ".pgpass");
const key = { host: "db", port: 5432, database: "shop", user: "me" };
afterAll(() => rmSync(folder, { recursive: true }));

test("a private file is read, one that others may read is ignored with its remedy", async () => {
  writeFileSync(path, "# mine\ndb:*:*:me:secret\n", { mode: 0o600 });
  const answer = await readPgpass(path, key);
  expect(answer.password?.reveal()).toBe("secret");
  expect(answer).toMatchObject({ place: `${path}, line 2`, warning: null });
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(path, mode);
    // oxlint-disable-next-line no-await-in-loop -- one file
    expect(await readPgpass(path, key)).toEqual({
      password: null,
      place: null,
      warning: expect.stringContaining(`chmod 600 '${path}'`),
    });
  }
});

test("no file is no matter, a folder in its place is said", async () => {
  expect(await readPgpass(join(folder, "none"), key)).toEqual({ password: null, place: null, warning: null });
  mkdirSync(join(folder, "dir"));
  expect((await readPgpass(join(folder, "dir"), key)).warning).toContain("not a plain file");
});

test("PGPASSFILE, the home folder, APPDATA", () => {
  expect(locatePgpass({ PGPASSFILE: "/x", HOME: "/home/me" }, "linux")).toBe("/x");
  expect(locatePgpass({ HOME: "/home/me" }, "linux")).toBe("/home/me/.pgpass");
  expect(locatePgpass({ APPDATA: "/appdata" }, "win32")).toBe("/appdata/postgresql/pgpass.conf");
});
