import { describe, expect, it } from "vitest";
import { findEntries, findObject, findTableData } from "../../../electron/archives/find-object.ts";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { definitionOf } from "../../../electron/archives/object-definition.ts";
import { readArchiveHead } from "../../../shared/archive/toc-reader.ts";
import { AppError, type ErrorValue } from "../../../shared/error/app-error.ts";
import { buildArchive, copyEnd, type SyntheticEntry } from "../../helpers/synthetic-archive.ts";

function errorOf(run: () => unknown): ErrorValue {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.toValue();
    throw error;
  }
  throw new Error("no error");
}

const shop = { namespace: "shop" };
function rows(dumpId: number, tag: string, table: number, namespace = "shop"): SyntheticEntry {
  const copyStatement = `COPY ${namespace}.${tag} (id) FROM stdin;\n`;
  return { dumpId, desc: "TABLE DATA", tag, namespace, copyStatement, data: copyEnd, dependencies: [table] };
}
// Kinds, tags and dependencies as pg_dump 15 writes them.
const entries: SyntheticEntry[] = [
  { dumpId: 6, desc: "SCHEMA", tag: "shop", namespace: null, definition: "CREATE SCHEMA shop;\n" },
  { ...shop, dumpId: 227, desc: "FUNCTION", tag: "add(integer, integer)", definition: "CREATE FUNCTION add 1\n" },
  { ...shop, dumpId: 228, desc: "FUNCTION", tag: "add(text, text)", definition: "CREATE FUNCTION add 2\n" },
  { ...shop, dumpId: 226, desc: "FUNCTION", tag: "tf()", definition: "CREATE FUNCTION tf\n" },
  { ...shop, dumpId: 216, desc: "TABLE", tag: "customers", definition: "CREATE TABLE customers\n", dependencies: [6] },
  { ...shop, dumpId: 218, desc: "TABLE", tag: "orders", definition: "CREATE TABLE orders\n", dependencies: [6] },
  {
    ...shop,
    dumpId: 3422,
    desc: "COMMENT",
    tag: "TABLE orders",
    definition: "COMMENT ON TABLE\n",
    dependencies: [218],
  },
  { ...shop, dumpId: 3424, desc: "ACL", tag: "TABLE orders", definition: "GRANT\n", dependencies: [218] },
  {
    ...shop,
    dumpId: 217,
    desc: "SEQUENCE",
    tag: "orders_id_seq",
    definition: "CREATE SEQUENCE\n",
    dependencies: [218, 6],
  },
  {
    ...shop,
    dumpId: 3426,
    desc: "SEQUENCE OWNED BY",
    tag: "orders_id_seq",
    definition: "OWNED BY\n",
    dependencies: [217],
  },
  { ...shop, dumpId: 3234, desc: "DEFAULT", tag: "orders id", definition: "DEFAULT\n", dependencies: [217, 218] },
  {
    ...shop,
    dumpId: 221,
    desc: "TABLE",
    tag: "events",
    definition: "CREATE TABLE events (a int)\nPARTITION BY RANGE (a);\n",
    dependencies: [6],
  },
  { ...shop, dumpId: 222, desc: "TABLE", tag: "events_2026", definition: "CREATE TABLE p\n", dependencies: [221, 6] },
  { ...shop, dumpId: 3233, desc: "TABLE ATTACH", tag: "events_2026", definition: "ATTACH\n", dependencies: [222, 221] },
  { ...shop, dumpId: 219, desc: "VIEW", tag: "v", definition: "CREATE VIEW\n", dependencies: [218, 6] },
  { dumpId: 300, desc: "TABLE", tag: "orders", namespace: 'Odd "x"', definition: "CREATE TABLE odd orders\n" },
  { ...shop, dumpId: 301, desc: "TABLE", tag: "empty", definition: "CREATE TABLE empty\n" },
  rows(3409, "customers", 216),
  rows(3411, "orders", 218),
  rows(3413, "events_2026", 222),
  rows(3414, "orders", 300, 'Odd "x"'),
  {
    ...shop,
    dumpId: 3429,
    desc: "SEQUENCE SET",
    tag: "orders_id_seq",
    section: 3,
    definition: "setval\n",
    dependencies: [217],
  },
  {
    ...shop,
    dumpId: 3246,
    desc: "CONSTRAINT",
    tag: "orders orders_pkey",
    section: 4,
    definition: "ADD CONSTRAINT orders_pkey PK\n",
    dependencies: [218],
  },
  {
    ...shop,
    dumpId: 3256,
    desc: "FK CONSTRAINT",
    tag: "orders orders_customer_fkey",
    section: 4,
    definition: "FK\n",
    dependencies: [216, 218],
  },
  {
    ...shop,
    dumpId: 3257,
    desc: "TRIGGER",
    tag: "orders ot",
    section: 4,
    definition: "CREATE TRIGGER\n",
    dependencies: [226, 218],
  },
];
const { toc } = readArchiveHead(buildArchive({ entries }), nodeDecoding);

describe("findEntries", () => {
  it.each([
    ["shop.orders", [218, 3411]],
    ["SHOP.Orders", [218, 3411]],
    ["orders", [218, 300, 3411, 3414]],
    ['"Odd ""x""".orders', [300, 3414]],
    ["shop.nothing", []],
  ])("%s", (name, ids) => {
    expect(findEntries(toc, name).map((entry) => entry.dumpId)).toEqual(ids);
  });
});

describe("findObject", () => {
  it.each([
    ["shop.orders", 218],
    ["3246", 3246],
    ["shop", 6],
    ["shop.add(text, text)", 228],
    ["tf", 226],
    ["shop.tf()", 226],
    ["orders_pkey", 3246],
    ["shop.ot", 3257],
    ["orders_id_seq", 217],
  ])("%s", (name, id) => {
    expect(findObject(toc, name).dumpId).toBe(id);
  });

  it("names the candidates, and near names", () => {
    const twice = errorOf(() => findObject(toc, "orders"));
    expect(twice.code).toBe("archive.objectAmbiguous");
    expect(twice.detail).toBe('TABLE shop.orders (dump ID 218)\nTABLE "Odd ""x""".orders (dump ID 300)');
    expect(errorOf(() => findObject(toc, "shop.add")).code).toBe("archive.objectAmbiguous");
    const missing = errorOf(() => findObject(toc, "shop.order"));
    expect(missing).toMatchObject({ code: "archive.objectNotFound", hint: expect.stringContaining("shop.orders") });
    expect(errorOf(() => findObject(toc, "77")).code).toBe("archive.objectNotFound");
    expect(errorOf(() => findObject(toc, 'shop."x')).code).toBe("usage.invalid");
  });
});

describe("findTableData", () => {
  it.each([
    ["shop.orders", 3411],
    ["customers", 3409],
    ["218", 3411],
    ["3411", 3411],
    ["events_2026", 3413],
  ])("%s", (name, id) => {
    expect(findTableData(toc, name).dumpId).toBe(id);
  });

  it.each([
    ["shop.events", /partitioned/, /shop\.events_2026/],
    ["shop.v", /is a view/, /shop\.orders/],
    ["orders_id_seq", /sequence/, /definition ARCHIVE 217/],
    ["empty", /no rows/, /definition/],
    ["226", /not a table/, /./],
  ])("says where the rows of %s are", (name, message, hint) => {
    const error = errorOf(() => findTableData(toc, name));
    expect(error).toMatchObject({
      code: "archive.noData",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it("asks for the schema where there are two", () => {
    expect(errorOf(() => findTableData(toc, "orders")).code).toBe("archive.objectAmbiguous");
    expect(errorOf(() => findTableData(toc, "nothing")).code).toBe("archive.objectNotFound");
  });
});

function idsOf(name: string): number[] {
  return definitionOf(toc, findObject(toc, name)).map((entry) => entry.dumpId);
}

describe("definitionOf", () => {
  it("gives a table with all that belongs to it, in archive order", () => {
    expect(idsOf("shop.orders")).toEqual([218, 3422, 3424, 217, 3426, 3234, 3246, 3256, 3257]);
    expect(idsOf("3411")).toEqual(idsOf("shop.orders"));
  });

  it("leaves what belongs to others with them", () => {
    expect(idsOf("customers")).toEqual([216]);
    expect(idsOf("shop.events")).toEqual([221]);
    expect(idsOf("events_2026")).toEqual([222, 3233]);
    expect(idsOf("shop.v")).toEqual([219]);
  });

  it("ends on dependencies that run in a circle", () => {
    const circle: SyntheticEntry[] = [
      { dumpId: 1, desc: "TABLE", tag: "a", namespace: "s", definition: "A\n", dependencies: [3] },
      { dumpId: 2, desc: "COMMENT", tag: "TABLE a", namespace: "s", definition: "C\n", dependencies: [1, 3] },
      { dumpId: 3, desc: "INDEX", tag: "i", namespace: "s", definition: "I\n", dependencies: [1, 2] },
    ];
    const looped = readArchiveHead(buildArchive({ entries: circle }), nodeDecoding).toc;
    expect(definitionOf(looped, looped.at(0)).map((entry) => entry.dumpId)).toEqual([1, 2, 3]);
  });

  it("says where there is no SQL", () => {
    const dataOnly = readArchiveHead(buildArchive({ entries: [rows(5, "orders", 2)] }), nodeDecoding).toc;
    expect(errorOf(() => definitionOf(dataOnly, dataOnly.at(0))).code).toBe("archive.objectNotFound");
  });
});
