import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closeOver } from "../../../shared/archive/closure.ts";
import { readDependencyGraph } from "../../../shared/archive/dependency-graph.ts";
import { planSelection } from "../../../shared/archive/selection.ts";
import type { DumpId, TocEntry } from "../../../shared/archive/toc-entry.ts";
import { shopToc, tocEntry } from "../../helpers/toc-fixtures.ts";

const kinds = [
  "SCHEMA",
  "TYPE",
  "DOMAIN",
  "FUNCTION",
  "EXTENSION",
  "TABLE",
  "TABLE",
  "TABLE",
  "VIEW",
  "MATERIALIZED VIEW",
  "SEQUENCE",
  "SEQUENCE SET",
  "SEQUENCE OWNED BY",
  "TABLE ATTACH",
  "DEFAULT",
  "TABLE DATA",
  "CONSTRAINT",
  "INDEX",
  "INDEX ATTACH",
  "FK CONSTRAINT",
  "TRIGGER",
  "RULE",
  "POLICY",
  "COMMENT",
  "ACL",
  "PUBLICATION",
  "PUBLICATION TABLE",
  "STATISTICS DATA",
  "BLOB",
  "BLOBS",
  "BLOB METADATA",
  "ENCODING",
  "DATABASE",
];

/** Archives of any shape, real or not: wrong kinds of dependencies, missing ids, cycles, entries naming themselves. */
const anyToc: fc.Arbitrary<TocEntry[]> = fc
  .array(
    fc.record({
      desc: fc.constantFrom(...kinds),
      namespace: fc.constantFrom(null, "public", "sales"),
      tag: fc.constantFrom("a", "b", "a b", "sales", "a b c"),
      dependencies: fc.array(fc.integer({ min: 1, max: 45 }), { maxLength: 4 }),
      viaRoot: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .chain((bodies) =>
    fc
      .shuffledSubarray(
        bodies.map((_, at) => at + 1),
        { minLength: bodies.length },
      )
      .map((ids) =>
        bodies.map(({ viaRoot, ...body }, at) =>
          tocEntry({
            ...body,
            dumpId: ids[at] ?? 0,
            ...(viaRoot && body.desc === "TABLE DATA" ? { definition: "-- load via partition root public.a" } : {}),
          }),
        ),
      ),
  );

const tocAndRoots = anyToc.chain((toc) => {
  const ids = readDependencyGraph(toc).all.map((entry) => entry.dumpId);
  return fc.record({
    toc: fc.constant(toc),
    roots: fc.subarray(ids),
    more: fc.subarray(ids),
    present: fc.subarray(ids),
  });
});

const runs = { numRuns: 1000 };

function close(toc: readonly TocEntry[], roots: readonly DumpId[], present?: readonly DumpId[]): Set<DumpId> {
  return new Set(closeOver(readDependencyGraph(toc), roots, new Set(present)).keys());
}

describe("closure", () => {
  it("ends, holds its roots, and only ids of the archive", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots }) => {
        const known = new Set(toc.map((entry) => entry.dumpId));
        const closed = close(toc, roots);
        for (const root of roots) expect(closed.has(root)).toBe(true);
        for (const id of closed) expect(known.has(id)).toBe(true);
      }),
      runs,
    );
  });

  it("holds all that its entries need, but for what is present", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots, present }) => {
        const graph = readDependencyGraph(toc);
        const closed = close(toc, roots, present);
        const there = new Set(present);
        for (const id of closed)
          for (const needed of graph.needsOf(id)) expect(closed.has(needed) || there.has(needed)).toBe(true);
      }),
      runs,
    );
  });

  it("holds a link exactly where all that it joins is there, unless something asked for it", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots }) => {
        const graph = readDependencyGraph(toc);
        const closed = close(toc, roots);
        for (const { dumpId } of graph.all) {
          const joined = graph.needsOf(dumpId);
          if (!graph.isLink(dumpId) || joined.length === 0) continue;
          expect(closed.has(dumpId)).toBe(joined.every((id) => closed.has(id)));
        }
      }),
      runs,
    );
  });

  it("closing again adds nothing", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots }) => {
        const once = close(toc, roots);
        expect(close(toc, [...once])).toEqual(once);
      }),
      runs,
    );
  });

  it("more roots never bring less", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots, more }) => {
        const few = close(toc, roots);
        const many = close(toc, [...roots, ...more]);
        for (const id of few) expect(many.has(id)).toBe(true);
      }),
      runs,
    );
  });

  it("a plan keeps the archive's order and explains every entry it added", () => {
    fc.assert(
      fc.property(tocAndRoots, ({ toc, roots }) => {
        fc.pre(roots.length > 0);
        const plan = planSelection(toc, { kind: "objects", tables: [], schemas: [], dumpIds: roots });
        const order = new Map(toc.map((entry, at) => [entry.dumpId, at]));
        const places = plan.entries.map((id) => order.get(id) ?? -1);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(plan.chosen.length + plan.added.length).toBe(plan.entries.length);
        for (const { because } of plan.added) expect(because).not.toBe("");
      }),
      runs,
    );
  });

  it("holds in a real archive for every single entry", () => {
    const toc = shopToc();
    const graph = readDependencyGraph(toc);
    for (const { dumpId } of graph.all) {
      const closed = close(toc, [dumpId]);
      for (const id of closed) for (const needed of graph.needsOf(id)) expect(closed.has(needed)).toBe(true);
      expect(close(toc, [...closed])).toEqual(closed);
    }
  });
});
