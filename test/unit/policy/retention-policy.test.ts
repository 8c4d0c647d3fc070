import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRetentionPolicy, parseRetentionPolicy } from "../../../shared/policy/retention-policy.ts";

const none = { daily: 0, weekly: 0, monthly: 0, yearly: 0, last: 0, withinDays: 0, minimum: 1 };

describe("a retention policy's text", () => {
  it.each([
    ["7 daily, 4 weekly, 12 monthly, 3 yearly", { daily: 7, weekly: 4, monthly: 12, yearly: 3 }],
    ["last 5", { last: 5 }],
    ["keep-last 5", { last: 5 }],
    ["within 30 days", { withinDays: 30 }],
    ["WITHIN 1 Day,minimum  2", { withinDays: 1, minimum: 2 }],
    [" 3 yearly , 7 Daily ", { daily: 7, yearly: 3 }],
  ])("%s", (text, rules) => {
    expect(parseRetentionPolicy(text)).toEqual({ ...none, ...rules });
  });

  it.each([
    ["", "A rule is empty."],
    ["7 daily,", "A rule is empty."],
    ["7 dayly", 'This rule is not understood: "7 dayly".'],
    ["seven daily", '"seven" in "seven daily" is no whole number from 1 to 9999.'],
    ["0 daily", '"0" in "0 daily" is no whole number'],
    ["-1 daily", '"-1" in "-1 daily" is no whole number'],
    ["1e3 daily", '"1e3" in "1e3 daily" is no whole number'],
    ["7 daily 4 weekly", 'This rule is not understood: "7 daily 4 weekly".'],
    ["within 30", 'This rule is not understood: "within 30".'],
    ["7 daily, 3 daily", 'Two rules say the same: "3 daily" is the second.'],
    ["minimum 3", "A minimum alone does not say"],
  ])("is refused with the words that are wrong: %s", (text, message) => {
    expect(() => parseRetentionPolicy(text)).toThrow(message);
    expect(() => parseRetentionPolicy(text)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });

  it("comes back as it was meant", () => {
    const count = fc.integer({ min: 0, max: 9999 });
    const policies = fc.record({
      daily: count,
      weekly: count,
      monthly: count,
      yearly: count,
      last: count,
      withinDays: count,
      minimum: fc.integer({ min: 1, max: 99 }),
    });
    fc.assert(
      fc.property(policies, (policy) => {
        const { minimum: _, ...rules } = policy;
        fc.pre(Object.values(rules).some((each) => each > 0));
        expect(parseRetentionPolicy(formatRetentionPolicy(policy))).toEqual(policy);
      }),
    );
  });
});
