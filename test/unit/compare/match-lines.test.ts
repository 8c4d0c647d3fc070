import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineDifference, matchLines, TooManyHeld } from "../../../electron/compare/match-lines.ts";

async function* inPieces(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

async function match(
  backup: readonly string[],
  live: readonly string[],
  options: { keyFields?: readonly number[]; sizes?: readonly number[]; parts?: number; mostHeldBytes?: number } = {},
): Promise<LineDifference[]> {
  const { keyFields = [0], sizes = [7, 64, 3], parts = 1, mostHeldBytes = 1 << 20 } = options;
  const found: LineDifference[] = [];
  for (let index = 0; index < parts; index++) {
    // oxlint-disable-next-line no-await-in-loop -- pass after pass
    const counts = await matchLines(inPieces(textOf(backup), sizes), inPieces(textOf(live), sizes.toReversed()), {
      keyFields,
      mostHeldBytes,
      part: { index, count: parts },
      take: async (differences) => void found.push(...differences),
    });
    expect(counts).toEqual({ backup: backup.length, live: live.length });
  }
  return found;
}

const line = (key: number, text: string) => `${key}\t${text}`;
const count = (list: readonly string[], wanted: string) => list.filter((each) => each === wanted).length;
const sorted = (found: readonly LineDifference[]) => found.map((each) => JSON.stringify(each)).toSorted();

const value = fc.stringMatching(/^[a-c ÿ]{0,6}$/);
const table = fc.uniqueArray(fc.tuple(fc.nat(60), value), { selector: ([key]) => key, maxLength: 40 });
const pieces = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

describe("matching the lines of two tables", () => {
  it("finds exactly what a table of keys finds, in any order, any pieces, any number of parts", async () => {
    await fc.assert(
      fc.asyncProperty(table, table, pieces, fc.integer({ min: 1, max: 3 }), async (backup, live, sizes, parts) => {
        const lives = new Map(live);
        const backups = new Map(backup);
        const expected: LineDifference[] = [
          ...backup.flatMap(([key, text]): LineDifference[] => {
            const other = lives.get(key);
            if (other === undefined) return [{ kind: "missing", backup: line(key, text) }];
            return other === text ? [] : [{ kind: "changed", backup: line(key, text), live: line(key, other) }];
          }),
          ...live.flatMap(([key, text]): LineDifference[] =>
            backups.has(key) ? [] : [{ kind: "added", live: line(key, text) }],
          ),
        ];
        const found = await match(
          backup.map(([key, text]) => line(key, text)),
          live.map(([key, text]) => line(key, text)),
          { sizes, parts },
        );
        expect(sorted(found)).toEqual(sorted(expected));
      }),
    );
  });

  it("without a key counts equal lines", async () => {
    const lines = fc.array(fc.stringMatching(/^[ab]{0,2}$/), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lines, lines, pieces, fc.integer({ min: 1, max: 3 }), async (backup, live, sizes, parts) => {
        const expected = [...new Set([...backup, ...live])].flatMap((text) => {
          const more = count(backup, text) - count(live, text);
          const one: LineDifference = more > 0 ? { kind: "missing", backup: text } : { kind: "added", live: text };
          return Array.from({ length: Math.abs(more) }, () => one);
        });
        expect(sorted(await match(backup, live, { keyFields: [], sizes, parts }))).toEqual(sorted(expected));
      }),
    );
  });

  it("keys of several fields, in any order; a NULL in one makes the row match as a whole", async () => {
    const backup = ["x\t1\ta", "y\t2\tb", "\\N\t3\tc", "\\N\t3\tc"];
    const live = ["\\N\t3\tc", "y\t1\tb", "x\t1\tA"];
    expect(sorted(await match(backup, live, { keyFields: [1, 0] }))).toEqual(
      sorted([
        { kind: "changed", backup: "x\t1\ta", live: "x\t1\tA" },
        { kind: "missing", backup: "y\t2\tb" },
        { kind: "missing", backup: "\\N\t3\tc" },
        { kind: "added", live: "y\t1\tb" },
      ]),
    );
  });

  it("passes lines longer than any stretch of bytes", async () => {
    const long = [`1\t${"x".repeat(5_000_000)}`, "2\ta"];
    const options = { sizes: [300_000], mostHeldBytes: 1 << 26 };
    expect(await match(long, long, options)).toEqual([]);
    expect(await match(long, [`${long[0]}y`, "2\ta"], options)).toHaveLength(1);
  });

  it("holds no more than it may, and refuses a key that is not unique", async () => {
    const many = Array.from({ length: 200 }, (_, at) => `${at}\tx`);
    await expect(match(many, many.toReversed(), { mostHeldBytes: 2000 })).rejects.toThrow(TooManyHeld);
    await expect(match(["1\ta", "1\tb"], ["2\tc", "3\tc"])).rejects.toMatchObject({ code: "compare.keyNotUnique" });
  });
});
