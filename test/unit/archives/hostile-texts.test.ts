import { describe, expect, it } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { PlainScanner } from "../../../electron/archives/plain/plain-scanner.ts";
import { CopyTextReader } from "../../../shared/archive/copy-text.ts";
import { readPlainDependencies } from "../../../shared/archive/plain/plain-dependencies.ts";
import { type PlainEntry, parseHeaders, splitOwner } from "../../../shared/archive/plain/plain-entry.ts";

/** Texts that once took hours or all memory: that each of these ends within the test's time is what is tested. */
function entry(changes: Partial<PlainEntry>): PlainEntry {
  return {
    desc: "VIEW",
    tag: "v",
    namespace: "public",
    owner: "",
    ownedObject: null,
    tablespace: null,
    tableAccessMethod: null,
    definition: "",
    copyStatement: null,
    data: null,
    ...changes,
  };
}

describe("texts made to keep a reader busy", () => {
  it("a long word without a dot is looked through once", () => {
    const entries = [
      entry({ desc: "TABLE", tag: "t" }),
      entry({ definition: `SELECT '${"c4ca4238a0".repeat(300_000)}' FROM public.t;\n` }),
    ];
    expect(readPlainDependencies(entries)).toEqual([[], [0]]);
  });

  it("quotation marks in an owner's statement have one way to be read", () => {
    const text = `CREATE VIEW v;\n\nALTER VIEW ${'"'.repeat(80)}x`;
    expect(splitOwner(text)).toEqual({ definition: `${text}\n`, owner: null, ownedObject: null });
    expect(splitOwner('CREATE VIEW v;\n\nALTER VIEW public."a ""b""" OWNER TO "the ""owner""";\n')).toEqual({
      definition: "CREATE VIEW v;\n",
      owner: 'the "owner"',
      ownedObject: 'VIEW public."a ""b"""',
    });
  });

  it("a header that could be read in millions of ways is read in some", () => {
    expect(parseHeaders(`-- Name: ${"; Type: TABLE; Schema: ; Owner: ".repeat(30_000)}`)).toHaveLength(1000);
  });

  it("a string over a million lines is searched for its end line by line", () => {
    const scanner = new PlainScanner();
    const start = "-- Name: v; Type: VIEW; Schema: public; Owner: -\n--\n\nCREATE VIEW public.v AS SELECT '";
    scanner.push(Buffer.from(`--\n${start}${"a\n".repeat(1_000_000)}';\n`));
    scanner.end();
    expect(scanner.position).toBeGreaterThan(2_000_000);
  });

  it("a value of a million numbered bytes in a database without an encoding", () => {
    const reader = new CopyTextReader({ columns: 1, encoding: "SQL_ASCII", decode: nodeDecoding, where: "here" });
    const [row] = reader.push(Buffer.from(`${"\\101".repeat(1_000_000)}\n`));
    expect(row?.[0]?.length).toBe(1_000_000);
  });
});
