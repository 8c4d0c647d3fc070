import { describe, expect, test } from "vitest";
import { catalogue } from "../../../shared/error/catalogue.ts";
import { classifyToolOutput } from "../../../shared/error/classify.ts";
import type { ToolPhase } from "../../../shared/error/rule.ts";
import { rules, rulesFor } from "../../../shared/error/rules.ts";

const phases: ToolPhase[] = ["dump", "globals", "read", "restore", "verify", "phys", "pitr", "wal", "s3", "local"];

describe("each rule's sample", () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))("%s", (_id, rule) => {
    const asked = phases.filter((phase) => rulesFor(phase).includes(rule));
    expect(asked.length).toBeGreaterThan(0);
    const firsts = asked.map((phase) => rulesFor(phase).find(({ pattern }) => pattern.test(rule.sample))?.id);
    expect(new Set(firsts)).toEqual(new Set([rule.id]));
    const [phase = "dump"] = asked;
    // A context alone is no event; it follows an error.
    const output = rule.sample.startsWith("CONTEXT") ? `pg_restore: error: something\n${rule.sample}\n` : rule.sample;
    expect(classifyToolOutput(output, phase).map(({ ruleId }) => ruleId)).toContain(rule.id);
  });
});

describe("the rules as a whole", () => {
  test("145 of them, each with its own id and a code of the catalogue", () => {
    expect(rules).toHaveLength(145);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(145);
    for (const { code } of rules) expect(Object.keys(catalogue)).toContain(code);
  });

  test("words for people: whole, calm sentences of a readable length", () => {
    const texts = rules.flatMap(({ meaning, remedy }) => [meaning, remedy]);
    expect(texts.filter((text) => !/^[A-Z`].*[.)]$/s.test(text))).toEqual([]);
    expect(texts.filter((text) => /!|please|oops/i.test(text) || text.length >= 220)).toEqual([]);
  });

  test("no pattern takes long over hostile text", () => {
    const texts = [
      "connection to server at ".repeat(340),
      'option "'.repeat(1000),
      `${"could not write to output file: ".repeat(250)}x`,
      "canceling statement due to lock timeout ".repeat(200),
      `function ${"pg_restore_".repeat(700)}`,
      '"'.repeat(8000),
      " ".repeat(8000),
    ];
    const slow: string[] = [];
    for (const { id, pattern } of rules)
      for (const text of texts) {
        const startedAt = performance.now();
        pattern.test(text.slice(0, 8000));
        if (performance.now() - startedAt > 500) slow.push(`${id} on ${text.slice(0, 30)}`);
      }
    expect(slow).toEqual([]);
  });
});
