import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { CopyTextReader } from "../../../shared/archive/copy-text.ts";
import { quoteIdentifier } from "../../../shared/command/names.ts";
import { chooseKey } from "../../../shared/compare/choose-key.ts";
import { writeCopyLine } from "../../../shared/compare/copy-line.ts";
import { type LiveColumn, matchColumns } from "../../../shared/compare/match-columns.ts";
import { parseColumnTypes, parseKey } from "../../../shared/compare/table-definition.ts";
import { oddNames } from "../../helpers/odd-names.ts";

function column(name: string, type = "integer", more: Partial<LiveColumn> = {}): LiveColumn {
  return { name, type, isGenerated: false, identity: null, isNotNull: true, hasDefault: false, ...more };
}

const live = (columns: readonly string[], isPrimary = false, isNotNull = true) => ({ columns, isPrimary, isNotNull });
const alter = (what: string) => `ALTER TABLE ONLY public."T; 1"\n    ADD CONSTRAINT "k (x)" ${what};\n`;
const index = (rest: string) => `CREATE UNIQUE INDEX i ON public.t USING btree ${rest};`;

describe("a table's definition", () => {
  it("names the types of columns, whatever they are called", () => {
    const quoted = oddNames.map(
      (name) => `    ${quoteIdentifier(name)} numeric(10,2) DEFAULT 'a,\n    b text' NOT NULL`,
    );
    const definition = `CREATE TABLE public.t (\n    id integer NOT NULL,\n${quoted.join(",\n")},\n    CONSTRAINT c CHECK ((id > 0))\n)\nPARTITION BY LIST (id);\n`;
    const types = parseColumnTypes(definition);
    expect(types.get("id")).toBe("integer");
    for (const name of oddNames) expect(types.get(name), name).toBe("numeric(10,2)");
  });

  it("names its keys, but not those over expressions or a part of the rows", () => {
    expect(parseKey(alter("PRIMARY KEY (id)"))).toEqual({ columns: ["id"], isPrimary: true });
    expect(parseKey(alter('UNIQUE (a, "b, ""c""")'))).toEqual({ columns: ["a", 'b, "c"'], isPrimary: false });
    expect(parseKey(alter("FOREIGN KEY (id) REFERENCES public.o(id)"))).toBeNull();
    expect(parseKey(index("(a, b)"))).toEqual({ columns: ["a", "b"], isPrimary: false });
    expect(parseKey(index("(lower(a))"))).toBeNull();
    expect(parseKey(index("(a) WHERE (b > 0)"))).toBeNull();
    for (const name of oddNames)
      expect(parseKey(alter(`PRIMARY KEY (${quoteIdentifier(name)}, z)`))?.columns).toEqual([name, "z"]);
  });
});

describe("columns", () => {
  it("match by name, by what they are called now, and never twice", () => {
    const names = fc.uniqueArray(fc.constantFrom(...oddNames), { maxLength: 8 });
    fc.assert(
      fc.property(names, names, fc.boolean(), (archived, present, renaming) => {
        const [from] = archived.filter((name) => !present.includes(name));
        const [to] = present;
        const renames = new Map(renaming && from !== undefined && to !== undefined ? [[from, to]] : []);
        const nowCalled = (name: string) => renames.get(name) ?? ([...renames.values()].includes(name) ? null : name);
        const common = archived.filter((name) => present.includes(nowCalled(name) ?? "\0"));
        fc.pre(common.length > 0);
        const columns = present.map((name) => column(name));
        const { compared, dropped, added } = matchColumns(archived, new Map(), columns, renames);
        expect(compared.map((each) => each.archived)).toEqual(common);
        expect(new Set(compared.map((each) => each.live.name)).size).toBe(compared.length);
        expect([...common, ...dropped].toSorted()).toEqual(archived.toSorted());
        expect([...compared.map((each) => each.live.name), ...added].toSorted()).toEqual(present.toSorted());
        expect(compared.every((each) => archived[each.index] === each.archived)).toBe(true);
      }),
    );
    expect(() => matchColumns(["a"], new Map(), [column("b")], new Map())).toThrow(
      expect.objectContaining({ code: "compare.columnsDiffer" }),
    );
  });

  it("that changed their type, or are computed, are told", () => {
    const columns = [column("a", "bigint"), column("g", "integer", { isGenerated: true }), column("n")];
    const match = matchColumns(["a", "b"], new Map([["a", "integer"]]), columns, new Map());
    expect(match).toMatchObject({
      retyped: [{ column: "a", from: "integer", to: "bigint" }],
      dropped: ["b"],
      added: ["n"],
      generated: ["g"],
    });
  });
});

describe("the key", () => {
  const { compared } = matchColumns(
    ["id", "old", "x"],
    new Map(),
    [column("id"), column("code"), column("x")],
    new Map([["old", "code"]]),
  );

  it("is the live primary key, the archive's, a unique one, or none", () => {
    const archived = [{ columns: ["old"], isPrimary: true }];
    expect(chooseKey(compared, [live(["x"]), live(["id"], true)], archived, null)).toMatchObject({
      places: [0],
      isUniqueOnBoth: false,
    });
    expect(chooseKey(compared, [live(["x"]), live(["code"])], archived, null)).toMatchObject({
      places: [1],
      isUniqueOnBoth: true,
    });
    expect(chooseKey(compared, [live(["x"])], [], null).places).toEqual([2]);
    expect(chooseKey(compared, [live(["x"], false, false)], [], null).places).toEqual([]);
    // A primary key over a column that the archive does not have cannot serve.
    expect(chooseKey(compared, [live(["new"], true)], [], null).places).toEqual([]);
  });

  it("may be chosen by old or new names where it is one", () => {
    expect(chooseKey(compared, [live(["code", "id"])], [], ["id", "old"]).places).toEqual([0, 1]);
    expect(() => chooseKey(compared, [live(["id"], true)], [], ["x"])).toThrow(
      expect.objectContaining({ code: "compare.keyInvalid" }),
    );
    expect(() => chooseKey(compared, [], [], ["nothing"])).toThrow(
      expect.objectContaining({ code: "compare.keyInvalid" }),
    );
  });
});

describe("a line of COPY text", () => {
  it("is read back as the row it was", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("\b\f\n\r\t\v\\N.x1aé 🚣")) });
    fc.assert(
      fc.property(fc.array(fc.option(text), { minLength: 1, maxLength: 5 }), (row) => {
        const options = { columns: row.length, encoding: "UTF8", decode: nodeDecoding, where: "" };
        const bytes = Buffer.from(`${writeCopyLine(row)}\n`, "utf8");
        expect(new CopyTextReader(options).push(bytes)).toEqual([row]);
      }),
    );
  });
});
