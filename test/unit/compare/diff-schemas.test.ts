import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { diffSchemas } from "../../../shared/compare/diff-schemas.ts";
import { buildArchive, type SyntheticEntry } from "../../helpers/synthetic-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));
let number = 0;

async function tocOf(entries: readonly (readonly [desc: string, tag: string, definition: string])[]) {
  const path = join(folder, `${number++}.dump`);
  const built = entries.map(([desc, tag, definition], at): SyntheticEntry => {
    return { dumpId: at + 1, desc, tag, namespace: "public", definition };
  });
  writeFileSync(path, buildArchive({ entries: built }));
  const archive = await openArchive(path);
  await archive.close();
  return archive.toc;
}

const table = (...columns: string[]) =>
  `CREATE TABLE public.t (\n${columns.map((each) => `    ${each}`).join(",\n")}\n);\n`;

const view = (columns: string, from: string) => `CREATE VIEW public.v AS\n SELECT ${columns}\n   FROM ${from};\n`;
/** A table whose column has options. */
const marked = (options: string) =>
  `${table("id integer NOT NULL")}ALTER TABLE ONLY public.t ALTER COLUMN id SET (${options});\n`;

describe("two schemas", () => {
  it("differ in what is added, removed and changed, columns one by one", async () => {
    const before = await tocOf([
      ["ENCODING", "ENCODING", "SET client_encoding = 'UTF8';\n"],
      [
        "TABLE",
        "t",
        table(
          "id integer NOT NULL",
          "note text DEFAULT 'a, b'::text",
          '"odd, name" integer',
          "CONSTRAINT c CHECK ((id > 0))",
        ),
      ],
      ["INDEX", "gone", "CREATE INDEX gone ON public.t USING btree (id);\n"],
      ["VIEW", "v", "CREATE VIEW public.v AS\n SELECT 1;\n\n\n"],
      ["OPERATOR", "+", "CREATE OPERATOR public.+ (a);\n"],
      ["OPERATOR", "+", "CREATE OPERATOR public.+ (b);\n"],
    ]);
    const after = await tocOf([
      ["ENCODING", "ENCODING", "SET client_encoding = 'LATIN1';\n"],
      ["OPERATOR", "+", "CREATE OPERATOR public.+ (b);\n"],
      ["OPERATOR", "+", "CREATE OPERATOR public.+ (c);\n"],
      ["VIEW", "v", "CREATE VIEW public.v AS\n SELECT 1;\n"],
      ["TABLE", "t", table("id bigint NOT NULL", '"odd, name" integer', "extra date", "CONSTRAINT c CHECK ((id > 1))")],
      ["FUNCTION", "f(integer)", "CREATE FUNCTION public.f(integer);\n"],
    ]);
    const { differences, same } = diffSchemas(before, after);
    expect(same).toBe(2);
    expect(differences.map(({ kind, desc, name }) => [kind, desc, name])).toEqual([
      ["changed", "TABLE", "public.t"],
      ["added", "FUNCTION", "public.f(integer)"],
      ["removed", "INDEX", "public.gone"],
      ["changed", "OPERATOR", "public.+"],
    ]);
    expect(differences[0]?.columns).toEqual([
      { column: "id", before: "id integer NOT NULL", after: "id bigint NOT NULL" },
      { column: "note", before: "note text DEFAULT 'a, b'::text", after: null },
      { column: "CONSTRAINT c", before: "CONSTRAINT c CHECK ((id > 0))", after: "CONSTRAINT c CHECK ((id > 1))" },
      { column: "extra", before: null, after: "extra date" },
    ]);
    expect(diffSchemas(before, before)).toEqual({ differences: [], same: 5 });
  });

  it("are the same where two versions of pg_dump write the same thing otherwise", async () => {
    const privileges = "SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE";
    for (const [desc, one, other] of [
      ["TABLE", table("id integer NOT NULL"), marked("pg_attver=12")],
      ["TABLE", marked("n_distinct=5"), marked("pg_attver=12, n_distinct=5")],
      ["TABLE", table("id integer NOT NULL"), table("id integer CONSTRAINT t_id_not_null NOT NULL")],
      [
        "VIEW",
        view("orders.id,\n    'orders.id'::text AS t", "public.orders"),
        view("id,\n    'orders.id'::text AS t", "public.orders"),
      ],
      ["VIEW", view('o."Id"', 'public."Or ders" o'), view('"Id"', 'public."Or ders" o')],
      [
        "DEFAULT ACL",
        `ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS  FROM PUBLIC;`,
        `ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS FROM PUBLIC;`,
      ],
      ["ACL", "REVOKE ALL ON TABLE public.t FROM a;", `REVOKE ${privileges} ON TABLE public.t FROM a;`],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- a file each
      const found = diffSchemas(await tocOf([[desc, "x", one]]), await tocOf([[desc, "x", other]]));
      expect(found, other).toEqual({ differences: [], same: 1 });
    }
  });

  it("differ where they only look like that", async () => {
    for (const [desc, one, other] of [
      ["TABLE", table("id integer NOT NULL"), table("id integer CONSTRAINT given NOT NULL")],
      [
        "VIEW",
        view("a.id", "(public.a\n     JOIN public.b USING (id))"),
        view("b.id", "(public.a\n     JOIN public.b USING (id))"),
      ],
      ["VIEW", view("a.id", "public.a,\n    public.b"), view("id", "public.a,\n    public.b")],
      ["VIEW", view("'a.id'::text", "public.a"), view("'id'::text", "public.a")],
      ["VIEW", view("id", "public.a"), view("id", "public.b")],
      ["ACL", "GRANT ALL ON TABLE public.t TO a;", "GRANT SELECT,INSERT ON TABLE public.t TO a;"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- a file each
      const found = diffSchemas(await tocOf([[desc, "x", one]]), await tocOf([[desc, "x", other]]));
      expect(found.differences.length, other).toBe(1);
    }
  });
});
