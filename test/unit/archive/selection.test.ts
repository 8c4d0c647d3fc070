import { describe, expect, it } from "vitest";
import { readDependencyGraph } from "../../../shared/archive/dependency-graph.ts";
import { type Choice, planSelection, selectFrom } from "../../../shared/archive/selection.ts";
import type { DumpId, TocEntry } from "../../../shared/archive/toc-entry.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { shopToc, tocEntry } from "../../helpers/toc-fixtures.ts";

const toc = shopToc();
const byId = new Map(toc.map((entry) => [entry.dumpId, entry]));

function choose(choice: { tables?: string[]; schemas?: string[]; dumpIds?: DumpId[] }): Choice {
  const tables = (choice.tables ?? []).map((text) => {
    const [schema, name] = text.split(".");
    return name === undefined ? { schema: null, name: text } : { schema: schema ?? null, name };
  });
  return { kind: "objects", tables, schemas: choice.schemas ?? [], dumpIds: choice.dumpIds ?? [] };
}

function label(id: DumpId): string {
  const entry = byId.get(id);
  return entry === undefined ? `no entry ${id}` : `${entry.desc} ${entry.tag}`;
}

/** The AppError that a choice ends in. */
function failureOf(entries: readonly TocEntry[], choice: Choice): unknown {
  try {
    planSelection(entries, choice);
  } catch (error) {
    if (error instanceof AppError) return error.toValue();
  }
  return null;
}

function labels(ids: readonly DumpId[]): string[] {
  return ids.map(label);
}

describe("what a table brings along, in a real archive", () => {
  const plan = planSelection(toc, choose({ tables: ["orders"] }));

  it("brings everything that makes the table the table it was", () => {
    expect(labels(plan.entries)).toEqual([
      "TYPE order_status",
      "COMMENT TYPE order_status",
      "ACL TYPE order_status",
      "FUNCTION touch()",
      "COMMENT FUNCTION touch()",
      "ACL FUNCTION touch()",
      "TABLE orders",
      "COMMENT TABLE orders",
      "COMMENT COLUMN orders.note",
      "ACL TABLE orders",
      "ACL COLUMN orders.id",
      "ACL COLUMN orders.note",
      "SEQUENCE orders_id_seq",
      "SEQUENCE OWNED BY orders_id_seq",
      "COMMENT SEQUENCE orders_id_seq",
      "DEFAULT orders id",
      "TABLE DATA orders",
      "SEQUENCE SET orders_id_seq",
      "CONSTRAINT orders orders_pkey",
      "COMMENT CONSTRAINT orders_pkey ON orders",
      "CONSTRAINT orders orders_replica_k_key",
      "INDEX orders_at",
      "COMMENT INDEX orders_at",
      "INDEX orders_expr",
      "STATISTICS orders_st",
      "RULE orders r1",
      "TRIGGER orders orders_touch",
      "COMMENT TRIGGER orders_touch ON orders",
      "ROW SECURITY orders",
      "POLICY orders p1",
    ]);
    expect(labels(plan.chosen)).toEqual(["TABLE orders"]);
  });

  it("says why, in words", () => {
    const reasons = new Map(plan.added.map(({ dumpId, because }) => [label(dumpId), because]));
    expect(reasons.get("TYPE order_status")).toBe("orders.status uses it");
    expect(reasons.get("FUNCTION touch()")).toBe("the trigger orders_touch of orders calls it");
    expect(reasons.get("INDEX orders_at")).toBe("index of orders");
    expect(reasons.get("COMMENT INDEX orders_at")).toBe("comment on the index of orders");
    expect(reasons.get("SEQUENCE SET orders_id_seq")).toBe("current value of the sequence that numbers orders");
    expect(plan.added).toHaveLength(plan.entries.length - 1);
  });

  it("offers the table a foreign key refers to, and the views, and says that the key is left out", () => {
    expect(plan.offered.map(({ dumpId, because }) => `${label(dumpId)}: ${because}`)).toEqual([
      "TABLE customers: orders.customer_id refers to it",
      "VIEW order_totals: it reads orders",
      "VIEW v2: it reads order_totals",
      "MATERIALIZED VIEW mv: it reads v2",
    ]);
    expect(plan.warnings[0]).toBe(
      "The foreign key orders_customer_id_fkey of orders is left out: it refers to customers, which is not chosen.",
    );
    expect(plan.warnings[1]).toContain("touch()");
  });

  it("brings the foreign key when both tables are chosen", () => {
    const both = planSelection(toc, choose({ tables: ["orders", "customers"] }));
    expect(labels(both.entries)).toContain("FK CONSTRAINT orders orders_customer_id_fkey");
    expect(both.warnings.join()).not.toContain("left out");
  });
});

describe("other objects of the archive", () => {
  const cases: [string, Choice, string[]][] = [
    [
      "a partition alone is a plain table",
      choose({ tables: ["events_2025"] }),
      [
        "TABLE events_2025",
        "TABLE DATA events_2025",
        "CONSTRAINT events_2025 events_2025_pkey",
        "INDEX events_2025_body_idx",
      ],
    ],
    [
      "an inheritance child brings its parent",
      choose({ tables: ["child_t"] }),
      [
        "TABLE parent_t",
        "TABLE child_t",
        "TABLE DATA child_t",
        "TABLE DATA parent_t",
        "CONSTRAINT parent_t parent_t_pkey",
      ],
    ],
    ["a sequence brings its value", choose({ tables: ["lone"] }), ["SEQUENCE lone", "SEQUENCE SET lone"]],
    [
      "a text search configuration brings its dictionary",
      choose({ dumpIds: [2177] }),
      ["TEXT SEARCH DICTIONARY mydict", "TEXT SEARCH CONFIGURATION mycfg"],
    ],
    ["a publication brings no table", choose({ dumpIds: [3547] }), ["PUBLICATION pub"]],
    ["one large object brings them all", choose({ dumpIds: [3569] }), ["BLOB 5001", "BLOBS BLOBS"]],
    [
      "a schema brings what is in it, and its default privileges",
      choose({ schemas: ["sales"] }),
      [
        "SCHEMA sales",
        "ACL SCHEMA sales",
        "DOMAIN money_amount",
        "TABLE lo_t",
        "ACL TABLE lo_t",
        "TABLE DATA lo_t",
        "DEFAULT ACL DEFAULT PRIVILEGES FOR TABLES",
      ],
    ],
  ];
  it.each(cases)("%s", (_, choice, expected) => {
    expect(labels(planSelection(toc, choice).entries)).toEqual(expected);
  });

  it("a partitioned table brings its partitions, attached, with rows", () => {
    const found = labels(planSelection(toc, choose({ tables: ["events"] })).entries);
    expect(found.filter((text) => text.includes("ATTACH"))).toHaveLength(6);
    expect(found.filter((text) => text.startsWith("TABLE DATA"))).toEqual([
      "TABLE DATA events_2025",
      "TABLE DATA events_2026",
    ]);
  });

  it("a materialized view brings what its views read, and is filled", () => {
    const found = labels(planSelection(toc, choose({ tables: ["mv"] })).entries);
    for (const part of [
      "VIEW v2",
      "VIEW order_totals",
      "RULE order_totals _RETURN",
      "TABLE order_lines",
      "TABLE DATA orders",
    ])
      expect(found).toContain(part);
    expect(found.at(-1)).toBe("MATERIALIZED VIEW DATA mv");
    expect(found).toContain("FK CONSTRAINT order_lines order_lines_order_id_fkey");
  });

  it("a table with a trigram index brings the extension, its own domain and schema", () => {
    const plan = planSelection(toc, choose({ tables: ["products"] }));
    const reasons = new Map(plan.added.map(({ dumpId, because }) => [label(dumpId), because]));
    expect(reasons.get("EXTENSION pg_trgm")).toBe("products uses it");
    expect(reasons.get("SCHEMA sales")).toBe("sales.money_amount lives in this schema");
    expect(reasons.get("FUNCTION next_code()")).toBe("products.sku uses it");
  });

  it("a table with an oid column says that large objects stay behind", () => {
    expect(planSelection(toc, choose({ tables: ["sales.lo_t"] })).warnings.join()).toContain("choose entry 3570 too");
  });

  it("everything is all that pg_restore lists", () => {
    const plan = planSelection(toc, { kind: "everything" });
    expect(plan.entries).toHaveLength(toc.length - 4);
    expect(labels(plan.entries)).not.toContain("ENCODING ENCODING");
    expect(labels(plan.entries)).not.toContain("DATABASE shop");
  });
});

describe("what the target has already", () => {
  const graph = readDependencyGraph(toc);
  const idOf = (text: string) => graph.all.find((entry) => `${entry.desc} ${entry.tag}` === text)?.dumpId ?? -1;

  it("leaves it out with its parts, and brings foreign keys in both directions", () => {
    const present = new Set(
      [
        "TYPE order_status",
        "FUNCTION touch()",
        "TABLE customers",
        "CONSTRAINT customers customers_pkey",
        "TABLE order_lines",
        "VIEW order_totals",
        "RULE order_totals _RETURN",
      ].map(idOf),
    );
    const plan = selectFrom(graph, choose({ tables: ["orders"] }), present);
    const found = labels(plan.entries);
    expect(found).not.toContain("TYPE order_status");
    expect(found).not.toContain("COMMENT TYPE order_status");
    expect(found).toContain("FK CONSTRAINT orders orders_customer_id_fkey");
    expect(found).toContain("FK CONSTRAINT order_lines order_lines_order_id_fkey");
    expect(plan.offered.map(({ dumpId }) => label(dumpId))).toEqual([]);
    expect(found.some((text) => text.startsWith("PUBLICATION"))).toBe(false);
  });

  it("offers what a cascade took from other tables", () => {
    const entries = [
      tocEntry({ dumpId: 1, desc: "TABLE", tag: "users" }),
      tocEntry({ dumpId: 2, desc: "TABLE", tag: "notes" }),
      tocEntry({ dumpId: 3, desc: "POLICY", tag: "notes own", dependencies: [2, 1] }),
      tocEntry({ dumpId: 4, desc: "FUNCTION", tag: "whole(users)", dependencies: [1] }),
      tocEntry({ dumpId: 5, desc: "FUNCTION", tag: "other(users)", dependencies: [1] }),
      tocEntry({ dumpId: 6, desc: "COMMENT", tag: "FUNCTION other(users)", dependencies: [5] }),
    ];
    const offersWith = (present: number[]) =>
      planSelection(entries, choose({ tables: ["users"] }), new Set(present)).offered;
    expect(offersWith([2, 5])).toEqual([
      { dumpId: 3, because: "it uses users" },
      { dumpId: 4, because: "it uses users" },
    ]);
    expect(offersWith([])).toEqual([]);
  });

  it("attaches a partition to the parent that is there", () => {
    const present = new Set(
      ["TABLE events", "CONSTRAINT events events_pkey", "INDEX events_body", "TABLE events_2026"].map(idOf),
    );
    const plan = selectFrom(graph, choose({ tables: ["events_2025"] }), present);
    expect(labels(plan.entries)).toEqual([
      "TABLE events_2025",
      "TABLE ATTACH events_2025",
      "TABLE DATA events_2025",
      "CONSTRAINT events_2025 events_2025_pkey",
      "INDEX events_2025_body_idx",
      "INDEX ATTACH events_2025_body_idx",
      "INDEX ATTACH events_2025_pkey",
    ]);
    expect(plan.warnings).toEqual([]);
  });
});

describe("names", () => {
  const twice = [
    tocEntry({ dumpId: 1, desc: "TABLE", namespace: "a", tag: "orders" }),
    tocEntry({ dumpId: 2, desc: "TABLE", namespace: "b", tag: "orders" }),
    tocEntry({ dumpId: 3, desc: "TABLE", namespace: "b", tag: "Odd; name\nINDEX" }),
  ];

  it("one name in two schemas is ambiguous, and both are named", () => {
    expect(failureOf(twice, choose({ tables: ["orders"] }))).toMatchObject({
      code: "archive.objectAmbiguous",
      detail: "a.orders, b.orders",
    });
    expect(planSelection(twice, choose({ tables: ["b.orders"] })).entries).toEqual([2]);
  });

  it("an unknown name is told with near ones", () => {
    expect(failureOf(toc, choose({ tables: ["oders"] }))).toMatchObject({
      code: "archive.objectNotFound",
      hint: "Did you mean public.orders?",
    });
    expect(failureOf(toc, choose({ schemas: ["sale"] }))).toMatchObject({
      code: "archive.objectNotFound",
      hint: "Did you mean sales?",
    });
    expect(failureOf(toc, choose({ dumpIds: [1] }))).toMatchObject({ code: "archive.objectNotFound" });
    expect(failureOf(toc, choose({}))).toMatchObject({ code: "restore.nothingSelected" });
  });

  it("odd names are names", () => {
    expect(
      planSelection(twice, {
        kind: "objects",
        schemas: [],
        dumpIds: [],
        tables: [{ schema: "b", name: "Odd; name\nINDEX" }],
      }).entries,
    ).toEqual([3]);
  });
});

describe("special shapes", () => {
  it("rows loaded through the partition root bring the root", () => {
    // Real definition (pg_dump 15.18, hash partitions on an enum): `-- load via partition root public.hp`
    const entries = [
      tocEntry({
        dumpId: 1,
        desc: "TABLE",
        tag: "hp",
        definition: "CREATE TABLE public.hp (\n    k public.en\n)\nPARTITION BY HASH (k);\n",
      }),
      tocEntry({ dumpId: 2, desc: "TABLE", tag: "hp0", dependencies: [1] }),
      tocEntry({ dumpId: 3, desc: "TABLE ATTACH", tag: "hp0", dependencies: [2, 1] }),
      tocEntry({
        dumpId: 4,
        desc: "TABLE DATA",
        tag: "hp0",
        dependencies: [2],
        definition: "-- load via partition root public.hp",
      }),
    ];
    const plan = planSelection(entries, choose({ tables: ["hp0"] }));
    expect(plan.entries).toEqual([1, 2, 3, 4]);
    expect(plan.added.find(({ dumpId }) => dumpId === 3)?.because).toBe("the rows of hp0 are loaded through it");
  });

  it("an archive of data alone is chosen by its rows, and their order of loading pulls nothing in", () => {
    const entries = [
      tocEntry({ dumpId: 1, desc: "TABLE DATA", tag: "customers" }),
      tocEntry({ dumpId: 2, desc: "TABLE DATA", tag: "orders", dependencies: [1] }),
    ];
    expect(planSelection(entries, choose({ tables: ["orders"] })).entries).toEqual([2]);
  });

  it("rows of an extension's table come with the extension", () => {
    const entries = [
      tocEntry({ dumpId: 1, desc: "EXTENSION", tag: "cron", namespace: null }),
      tocEntry({ dumpId: 2, desc: "TABLE DATA", tag: "job", namespace: "cron", dependencies: [1] }),
    ];
    expect(planSelection(entries, choose({ dumpIds: [1] })).entries).toEqual([1, 2]);
  });

  it("large objects in groups (archive 1.16) come group by group", () => {
    const entries = [
      tocEntry({ dumpId: 1, desc: "BLOB METADATA", namespace: null, section: "data", definition: "1\n2\n" }),
      tocEntry({ dumpId: 2, desc: "BLOBS", namespace: null, dependencies: [1] }),
      tocEntry({ dumpId: 3, desc: "BLOB METADATA", namespace: null, section: "data", definition: "3\n" }),
      tocEntry({ dumpId: 4, desc: "BLOBS", namespace: null, dependencies: [3] }),
    ];
    expect(planSelection(entries, choose({ dumpIds: [4] })).entries).toEqual([3, 4]);
  });

  it("tables without rows in the archive are named", () => {
    const entries = [tocEntry({ dumpId: 1, desc: "TABLE", tag: "orders" })];
    expect(planSelection(entries, choose({ tables: ["orders"] })).warnings).toEqual([
      "The archive holds no rows of orders.",
    ]);
  });
});
