import { describe, expect, it } from "vitest";
import { connectionUrl } from "../../../renderer/features/restore/connection-url.ts";
import { likelyTarget, listTargets } from "../../../renderer/features/restore/targets.ts";
import type { ProfileView, SampleView } from "../../../shared/contract/views.ts";
import { usualPlaces } from "../../../shared/profile/profile.ts";

function profile(name: string, database: string): ProfileView {
  return {
    name,
    hosts: [{ host: "db.example.org", port: 5432 }],
    database,
    user: "u",
    sslMode: "prefer",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    tunnel: null,
    passwordSource: "none",
    environment: "production",
    colour: null,
    places: usualPlaces,
  };
}

const sample: SampleView = { state: "running", version: "15.18", unavailable: null };

describe("servers to restore into", () => {
  it("are the profiles, and the sample unless it is one of them", () => {
    expect(listTargets([profile("live", "shop")], sample).map(({ key }) => key)).toEqual(["profile:live", "sample"]);
    expect(listTargets([profile("sample", "shop")], sample).map(({ key }) => key)).toEqual(["profile:sample"]);
    expect(listTargets([], { ...sample, state: "absent" })).toEqual([]);
    expect(listTargets([], { ...sample, unavailable: "no" })).toEqual([]);
  });

  it("begin with where the backup came from", () => {
    const targets = listTargets([profile("a", "x"), profile("b", "shop"), profile("c", "shop")], null);
    expect(likelyTarget(targets, "c", "shop")?.name).toBe("c");
    expect(likelyTarget(targets, null, "shop")?.name).toBe("b");
    expect(likelyTarget(targets, "gone", "gone")).toBeNull();
    expect(likelyTarget([...targets, ...listTargets([], sample)], null, "gone")?.name).toBe("sample");
    expect(likelyTarget([], null, null)).toBeNull();
  });
});

describe("a connection URL", () => {
  it("says host, port and database and nothing secret", () => {
    expect(connectionUrl({ host: "db.example.org", port: 5433, database: "a/b c" })).toBe(
      "postgresql://db.example.org:5433/a%2Fb%20c",
    );
    expect(connectionUrl({ host: "::1", port: 5432, database: "x" })).toBe("postgresql://[::1]:5432/x");
    expect(connectionUrl({ host: "/run/pg", port: 5432, database: "x" })).toBe(
      "postgresql:///x?host=%2Frun%2Fpg&port=5432",
    );
  });
});
