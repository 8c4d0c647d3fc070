import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { locateHome } from "../../../electron/home.ts";
import { openProfileStore } from "../../../electron/profiles/profile-store.ts";
import type { ConnectionProfile } from "../../../shared/profile/profile.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lifeboat-profiles-"));
});
afterEach(() => rmSync(root, { recursive: true }));
const home = () => locateHome({ LIFEBOAT_HOME: root });

function profile(name: string): ConnectionProfile {
  return {
    name,
    hosts: [{ host: "db.example.org", port: 5432 }],
    database: "shop",
    user: "me",
    sslMode: "verify-full",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    service: null,
    passwordSource: "keychain",
    environment: "production",
    colour: "#ff0000",
  };
}

test("add, list, get, remove", async () => {
  const store = openProfileStore(home());
  expect(await store.list()).toEqual([]);
  await store.add(profile("shop"));
  await store.add({ ...profile("archive"), options: "-c x=y", connectTimeoutSeconds: 3 });
  expect((await store.list()).map(({ name }) => name)).toEqual(["archive", "shop"]);
  expect(await store.get("shop")).toEqual(profile("shop"));
  expect(statSync(home().profilesFile).mode & 0o077).toBe(0);
  await expect(store.add(profile("shop"))).rejects.toMatchObject({ code: "profile.exists" });
  expect(await store.remove("shop")).toEqual(profile("shop"));
  await expect(store.remove("shop")).rejects.toMatchObject({ code: "profile.notFound" });
  await expect(store.get("shop")).rejects.toMatchObject({ code: "profile.notFound" });
});

test("a profile takes another's place, under its own name or a free one", async () => {
  const store = openProfileStore(home());
  await store.add(profile("shop"));
  await store.add(profile("wiki"));
  await store.replace("shop", { ...profile("shop"), user: "you" });
  expect((await store.get("shop")).user).toBe("you");
  await expect(store.replace("shop", profile("wiki"))).rejects.toMatchObject({ code: "profile.exists" });
  await store.replace("shop", profile("store"));
  expect((await store.list()).map(({ name }) => name)).toEqual(["store", "wiki"]);
  await expect(store.replace("shop", profile("x"))).rejects.toMatchObject({ code: "profile.notFound" });
});

test("what could not be read again is not written", async () => {
  const store = openProfileStore(home());
  for (const bad of [{ database: "" }, { user: "" }, { hosts: [{ host: "", port: 5432 }] }, { colour: "red" }])
    await expect(store.add({ ...profile("shop"), ...bad })).rejects.toMatchObject({ code: "profile.invalid" });
  expect(await store.list()).toEqual([]);
});

test.each(["", "-x", "a/b", "a b", "postgresql://h", "x".repeat(65), "a:b", ".."])("%j is no name", async (name) => {
  await expect(openProfileStore(home()).add(profile(name))).rejects.toMatchObject({ code: "profile.invalid" });
});

test.each([
  ["cut short", '{"version": 1, "prof'],
  ["of another shape", '{"version": 1, "profiles": [{"name": "x"}]}'],
  ["of a later version", '{"version": 2, "profiles": []}'],
])("a file %s is reported and kept", async (_what, text) => {
  writeFileSync(home().profilesFile, text);
  const store = openProfileStore(home());
  await expect(store.list()).rejects.toMatchObject({
    code: "profile.invalid",
    message: expect.stringContaining(home().profilesFile),
  });
  await expect(store.add(profile("x"))).rejects.toMatchObject({ code: "profile.invalid" });
  expect(readFileSync(home().profilesFile, "utf8")).toBe(text);
});

test("several processes and calls add at once, and none is lost", async () => {
  const module = new URL("../../../electron/profiles/profile-store.ts", import.meta.url).href;
  const homeModule = new URL("../../../electron/home.ts", import.meta.url).href;
  const script = `
    const { openProfileStore } = await import("${module}");
    const { locateHome } = await import("${homeModule}");
    const store = openProfileStore(locateHome({ LIFEBOAT_HOME: ${JSON.stringify(root)} }));
    const template = ${JSON.stringify(profile("x"))};
    await Promise.all([0, 1, 2, 3, 4].map((n) => store.add({ ...template, name: process.argv[1] + n })));`;
  await Promise.all(
    ["a", "b", "c"].map((name) => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, name])),
  );
  expect(await openProfileStore(home()).list()).toHaveLength(15);
});
