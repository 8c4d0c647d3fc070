import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJobIds, isJobId } from "../../../shared/job/job-id.ts";

describe("job ids", () => {
  it("always grow, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 2, maxLength: 50 }), (times) => {
        let at = 0;
        const next = createJobIds(() => times[at++] ?? 0, randomBytes);
        const ids = times.map(() => next());
        expect(ids.every(isJobId)).toBe(true);
        expect(ids.toSorted()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("carry over when counting up within a millisecond", () => {
    const next = createJobIds(
      () => 0,
      () => new Uint8Array(16).fill(255),
    );
    expect(next()).toBe("0000000000fzzzzzzzzzzzzzzz");
    expect(next()).toBe("0000000000g000000000000000");
  });

  it("sort by time across makers", () => {
    const early = createJobIds(() => 1_000, randomBytes)();
    const late = createJobIds(() => 1_001, randomBytes)();
    expect(early < late).toBe(true);
  });
});
