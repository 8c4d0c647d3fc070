import { describe, expect, it } from "vitest";
import { defaultOptions, findOptionFaults, optionsOf } from "../../../renderer/features/database/dump-options.ts";
import {
  draftOf,
  effectiveSslMode,
  emptyDraft,
  fillFromUrl,
  findFaults,
  isChanged,
  isUnguarded,
  type ProfileDraft,
  profileOf,
} from "../../../renderer/features/database/profile-draft.ts";
import type { ProfileView } from "../../../shared/contract/views.ts";
import { usualPlaces } from "../../../shared/profile/profile.ts";

const shop: ProfileView = {
  name: "shop",
  hosts: [
    { host: "db1.example.org", port: 5432 },
    { host: "db2.example.org", port: 5433 },
  ],
  database: "shop",
  user: "backup",
  sslMode: "verify-ca",
  sslRootCert: "/etc/ca.pem",
  sslCert: null,
  sslKey: null,
  tunnel: null,
  passwordSource: "keychain",
  environment: "production",
  colour: null,
  places: usualPlaces,
};

function withHost(host: string, part: Partial<ProfileDraft> = {}): ProfileDraft {
  return { ...emptyDraft(true), name: "a", database: "b", user: "c", hosts: [{ host, port: "5432" }], ...part };
}

describe("a profile's draft", () => {
  it("gives back the profile it was made of", () => {
    const { places: _, ...editable } = shop;
    expect(profileOf(draftOf(shop))).toEqual(editable);
    expect(isChanged(draftOf(shop), draftOf(shop))).toBe(false);
    expect(isChanged({ ...draftOf(shop), password: "x" }, draftOf(shop))).toBe(true);
  });

  it.each([
    ["localhost", "prefer"],
    ["127.0.0.1", "prefer"],
    ["db.example.org", "verify-full"],
    ["10.0.0.4", "verify-full"],
  ] as const)("guards the way to %s with %s unless told otherwise", (host, mode) => {
    expect(effectiveSslMode(withHost(host))).toBe(mode);
    expect(effectiveSslMode(withHost(host, { sslMode: "require" }))).toBe("require");
  });

  it("says when nobody checks who a remote server is", () => {
    expect(isUnguarded(withHost("db.example.org"))).toBe(false);
    expect(isUnguarded(withHost("db.example.org", { sslMode: "require" }))).toBe(true);
    expect(isUnguarded(withHost("localhost", { sslMode: "disable" }))).toBe(false);
  });

  it("names every field that has to be mended", () => {
    expect([...findFaults(emptyDraft(true)).keys()]).toEqual(["name", "database", "user", "host-0"]);
    expect(findFaults(withHost("x", { hosts: [{ host: "x", port: "70000" }] })).get("port-0")).toBe("notAPort");
    expect(findFaults(withHost("tmp", { reach: "socket" })).get("host-0")).toBe("notAFolder");
    expect(findFaults(withHost("/tmp")).get("host-0")).toBe("isASocket");
    expect(findFaults(withHost("/tmp", { reach: "socket" })).size).toBe(0);
    expect(findFaults(draftOf(shop)).size).toBe(0);
  });

  it("takes a URL's fields and keeps what a URL does not speak of", () => {
    const typed: ProfileDraft = { ...emptyDraft(false), environment: "staging", colour: "#112233" };
    const filled = fillFromUrl(typed, { ...shop, name: "", passwordSource: "none", environment: "development" });
    expect(filled).toMatchObject({ name: "shop", database: "shop", user: "backup", environment: "staging" });
    expect(filled).toMatchObject({ passwordSource: "ask", colour: "#112233", sslMode: "verify-ca" });
    expect(fillFromUrl({ ...typed, name: "mine" }, shop).name).toBe("mine");
  });
});

describe("a backup's options", () => {
  it("are the usual backup when nothing is chosen", () => {
    expect(optionsOf(defaultOptions)).toEqual({ format: "custom" });
  });

  it("hold what was chosen, patterns line by line", () => {
    const options = optionsOf({
      ...defaultOptions,
      format: "directory",
      method: "zstd",
      level: "5",
      jobs: "4",
      schemas: ' public \n\n"Odd"',
      content: "schema",
    });
    expect(options).toEqual({
      format: "directory",
      compression: { method: "zstd", level: 5 },
      jobs: 4,
      schemas: ["public", '"Odd"'],
      schemaOnly: true,
    });
  });

  it("leave out what the format cannot do", () => {
    expect(optionsOf({ ...defaultOptions, format: "tar", method: "gzip", jobs: "4", globals: true })).toEqual({
      format: "tar",
      globals: true,
    });
  });

  it("are refused where pg_dump would refuse them", () => {
    expect(findOptionFaults({ ...defaultOptions, method: "gzip", level: "10" })).toEqual(["level"]);
    expect(findOptionFaults({ ...defaultOptions, method: "zstd", level: "22" })).toEqual([]);
    expect(findOptionFaults({ ...defaultOptions, format: "directory", jobs: "0" })).toEqual(["jobs"]);
  });
});
