import { describe, expect, it } from "vitest";
import { compareNatural } from "../../../renderer/features/archive/model/natural-order.ts";
import { buildTree, type TreeModel } from "../../../renderer/features/archive/model/tree-model.ts";
import { isUnfolded, listRows, unfoldedAtFirst } from "../../../renderer/features/archive/model/tree-rows.ts";
import { createTreeSearch, matchIn } from "../../../renderer/features/archive/model/tree-search.ts";
import { columnsOf, shop } from "./entry-columns.ts";

const tree = buildTree(columnsOf(shop));
const everything = new Set(Array.from({ length: tree.length }, (_, node) => node));

function describeNode(model: TreeModel, node: number): string {
  const name = model.role[node] === "group" ? `[${model.kind[node]}]` : model.label[node];
  return `${"  ".repeat(model.depth[node] ?? 0)}${name}`;
}

function shown(rows: { nodes: Int32Array }): string[] {
  return [...rows.nodes].map((node) => describeNode(tree, node));
}

describe("the tree of an archive", () => {
  it("has schemas with groups, partitions below their table, and the groups of the database", () => {
    expect(shown(listRows(tree, everything, null))).toEqual([
      "public",
      "  [table]",
      "    Shipments",
      "      shipments_1",
      "      shipments_2",
      "    table_2",
      "    table_10",
      "  [view]",
      "    <img src=x onerror=alert(1)>",
      "audit",
      "  [table]",
      "    log",
      "empty",
      "[extension]",
      "  pgcrypto",
      "[largeObjects]",
    ]);
  });

  it("has the databases of a whole server beside its roles, each with what is its own", () => {
    const table = { desc: "TABLE", schema: "public", tag: "orders" };
    const model = buildTree(
      columnsOf([
        { id: 1, desc: "ROLE", tag: "app" },
        { id: 2, ...table, database: "shop" },
        { id: 3, desc: "TABLE DATA", schema: "public", tag: "orders", bytes: 5, partOf: 2, database: "shop" },
        { id: 4, desc: "EXTENSION", tag: "pgcrypto", database: "crm" },
        { id: 5, ...table, database: "crm" },
      ]),
    );
    expect(Array.from({ length: model.length }, (_, node) => describeNode(model, node))).toEqual([
      "[role]",
      "  app",
      "shop",
      "  public",
      "    [table]",
      "      orders",
      "crm",
      "  public",
      "    [table]",
      "      orders",
      "  [extension]",
      "    pgcrypto",
    ]);
    expect(Array.from(model.bytes).slice(2, 7)).toEqual([5, 5, 5, 5, -1]);
    expect(model.nodeOf(5)).toBe(9);
    expect(model.ownIds(2)).toEqual([]);
  });

  it("sums sizes and rows of parts and partitions", () => {
    const at = (label: string) => tree.label.indexOf(label);
    expect(tree.bytes[at("public")]).toBe(332);
    expect(tree.bytes[at("Shipments")]).toBe(12);
    expect(tree.rows[at("Shipments")]).toBe(12);
    expect(tree.count[at("Shipments")]).toBe(2);
    expect(tree.count[1]).toBe(3);
    expect(tree.rows[at("table_10")]).toBe(30);
    expect(tree.rowsId[at("table_10")]).toBe(11);
    expect(tree.rowsId[at("log")]).toBe(0);
    expect(tree.bytes[at("log")]).toBe(-1);
    expect(tree.bytes[tree.kind.indexOf("largeObjects")]).toBe(1000);
    expect(tree.count[tree.kind.indexOf("largeObjects")]).toBe(2);
  });

  it("takes a schema's annotations with it, and leads from a part to its object", () => {
    expect(tree.ownIds(tree.label.indexOf("public"))).toEqual([5]);
    expect(tree.ownIds(tree.label.indexOf("audit"))).toEqual([3]);
    expect(tree.nodeOf(13)).toBe(tree.label.indexOf("table_10"));
    expect(tree.nodeOf(41)).toBe(tree.kind.indexOf("largeObjects"));
    expect(tree.nodeOf(999)).toBe(-1);
  });

  it("does not follow circles of partitions or parts", () => {
    const circle = buildTree(
      columnsOf([
        { id: 1, desc: "TABLE", schema: "s", tag: "a", partitionOf: 2 },
        { id: 2, desc: "TABLE", schema: "s", tag: "b", partitionOf: 1 },
        { id: 3, desc: "INDEX", schema: "s", tag: "i", partOf: 4 },
        { id: 4, desc: "INDEX", schema: "s", tag: "j", partOf: 3 },
        { id: 2_000_000_000, desc: "TABLE", schema: "s", tag: "c", partOf: 2_000_000_000 },
      ]),
    );
    expect(circle.label).toContain("a");
    expect(circle.label).toContain("b");
  });

  it("shows data alone as the table it belongs to", () => {
    const bare = buildTree(columnsOf([{ id: 9, desc: "TABLE DATA", schema: "public", tag: "t", bytes: 4, rows: 1 }]));
    expect(bare.label).toEqual(["public", "", "t"]);
    expect(bare.rows[2]).toBe(1);
  });
});

describe("the order of names", () => {
  it("counts as people do", () => {
    const names = ["b", "Table_10", "table_2", "table_02", "table_2a", "a1b10", "a1b9", "a"];
    expect(names.toSorted(compareNatural)).toEqual([
      "a",
      "a1b9",
      "a1b10",
      "b",
      "table_02",
      "table_2",
      "table_2a",
      "Table_10",
    ]);
  });
});

describe("rows of the tree", () => {
  it("unfolds what is asked for and says the place among siblings", () => {
    const rows = listRows(tree, new Set([0, 1]), null);
    expect(shown(rows)).toEqual([
      "public",
      "  [table]",
      "    Shipments",
      "    table_2",
      "    table_10",
      "  [view]",
      "audit",
      "empty",
      "[extension]",
      "[largeObjects]",
    ]);
    expect([...rows.position]).toEqual([1, 1, 1, 2, 3, 2, 2, 3, 4, 5]);
    expect([...rows.siblings]).toEqual([5, 2, 3, 3, 3, 2, 5, 5, 5, 5]);
  });

  it("opens a small archive whole", () => {
    expect(shown(listRows(tree, unfoldedAtFirst(tree), null))).toContain("    log");
  });
});

describe("search", () => {
  const search = createTreeSearch(tree);

  it("keeps what leads to a match, unfolded", () => {
    const matches = search.find("SHIPMENTS_");
    expect(matches?.found).toBe(2);
    expect(shown(listRows(tree, new Set(), matches))).toEqual([
      "public",
      "  [table]",
      "    Shipments",
      "      shipments_1",
      "      shipments_2",
    ]);
    expect(tree.label[matches?.first ?? -1]).toBe("shipments_1");
  });

  it("lets a match be unfolded and what leads to one be folded", () => {
    const schema = search.find("audit");
    const audit = tree.label.indexOf("audit");
    expect(shown(listRows(tree, new Set(), schema))).toEqual(["audit"]);
    expect(shown(listRows(tree, new Set([audit]), schema))).toEqual(["audit", "  [table]"]);
    expect(shown(listRows(tree, new Set([0]), search.find("table_2")))).toEqual(["public"]);
    expect(isUnfolded(0, new Set([0]), search.find("table_2"))).toBe(false);
  });

  it("looks at schema and name where there is a dot", () => {
    const matches = search.find("audit.l");
    expect(shown(listRows(tree, new Set(), matches))).toEqual(["audit", "  [table]", "    log"]);
  });

  it("finds nothing across names, and nothing for nothing", () => {
    expect(search.find("\u0000")?.found).toBe(0);
    expect(search.find("no such table")?.first).toBe(-1);
    expect(search.find("  ")).toBeNull();
  });

  it("says where the match stands", () => {
    expect(matchIn("My_Orders", "order")).toEqual({ start: 3, end: 8 });
    expect(matchIn("orders", "public.ord")).toEqual({ start: 0, end: 3 });
    expect(matchIn("İstanbul", "stan")).toBeNull();
  });
});
