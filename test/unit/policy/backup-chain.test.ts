import { describe, expect, it } from "vitest";
import { findChainGaps } from "../../../shared/policy/backup-chain.ts";

const place = "https://s3.amazonaws.com/vault/db";
const never = () => false;

function backup(day: number, previous: number | null, rest: { database?: string; host?: string; in?: string } = {}) {
  const { database = "shop", host = "db1" } = rest;
  return {
    id: idOf(day, database),
    database,
    server: { host, port: 5432, version: "15.18" },
    startedAt: `2026-11-0${day}T02:00:00Z`,
    previousId: previous === null ? null : idOf(previous, database),
    ...(previous === null ? {} : { previousIn: rest.in ?? place }),
  };
}

function without(name: "previousId" | "previousIn", made: ReturnType<typeof backup>): ReturnType<typeof backup> {
  const { [name]: _left, ...rest } = made;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as manifests leave either out
  return rest as ReturnType<typeof backup>;
}

function idOf(day: number, database = "shop"): string {
  return `2026110${day}020000-${database}`;
}

describe("gaps in a chain", () => {
  it("are backups that were there when another was made, and are gone", () => {
    const all = [backup(1, null), backup(2, 1), backup(4, 3), backup(3, 2, { database: "other" })];
    expect(findChainGaps(all, place, never)).toEqual([
      {
        database: "shop",
        missingId: idOf(3),
        missingMadeAt: "2026-11-03T02:00:00Z",
        followedById: idOf(4),
      },
    ]);
  });

  it("are told once, by the first that names it", () => {
    const all = [backup(5, 3), backup(1, null), backup(4, 3)];
    expect(findChainGaps(all, place, never).map(({ followedById }) => followedById)).toEqual([idOf(4)]);
  });

  it.each([
    ["a whole chain", [backup(1, null), backup(2, 1), backup(3, 2)]],
    ["a first backup", [backup(1, null)]],
    ["one whose writer did not look for the one before", [backup(1, null), without("previousId", backup(4, 3))]],
    ["the oldest one that is left", [backup(4, 3), backup(5, 4)]],
    ["the oldest one of another server", [backup(1, null), backup(4, 3, { host: "db2" })]],
    ["copies of some of what lies elsewhere", [backup(1, null), backup(4, 3, { in: "nas:/backups" })]],
    ["copies of some of a bucket of the same name", [backup(1, null), backup(4, 3, { in: "https://minio/vault/db" })]],
    ["what does not say which bucket of that name it was", [backup(1, null), backup(4, 3, { in: "s3://vault/db" })]],
    ["one that does not say where the one before was", [backup(1, null), without("previousIn", backup(4, 3))]],
  ])("are none in %s", (_name, all) => {
    expect(findChainGaps(all, place, never)).toEqual([]);
  });

  it("are none where it is known what became of it", () => {
    expect(findChainGaps([backup(1, null), backup(4, 3)], place, ({ id }) => id === idOf(3))).toEqual([]);
  });
});
