import { describe, expect, it } from "vitest";
import { buildChangeOwner, mapRoles, rolesNamedBy } from "../../../shared/restore/roles.ts";
import { shopToc, tocEntry } from "../../helpers/toc-fixtures.ts";

describe("roles that an entry names", () => {
  it.each([
    ["ACL", "GRANT SELECT ON TABLE public.orders TO reader;\n", ["reader"]],
    ["ACL", 'GRANT ALL ON TABLE public.orders TO "Odd; ""role" WITH GRANT OPTION;\n', ['Odd; "role']],
    [
      "ACL",
      "REVOKE ALL ON FUNCTION public.touch() FROM PUBLIC;\nGRANT ALL ON FUNCTION public.touch() TO reader;\n",
      ["reader"],
    ],
    [
      "ACL",
      "SET SESSION AUTHORIZATION boss;\nGRANT SELECT ON TABLE public.t TO reader;\nRESET SESSION AUTHORIZATION;\n",
      ["boss", "reader"],
    ],
    ["ACL", 'GRANT SELECT("a TO b") ON TABLE public."x TO y" TO reader;\n', ["reader"]],
    [
      "DEFAULT ACL",
      "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA sales GRANT SELECT ON TABLES  TO reader;\n",
      ["postgres", "reader"],
    ],
    [
      "POLICY",
      "CREATE POLICY p ON public.orders FOR SELECT TO reader, shop_app USING (true);\n",
      ["reader", "shop_app"],
    ],
    ["POLICY", "CREATE POLICY p1 ON public.orders USING ((customer_id > 0));\n", []],
    ["USER MAPPING", "CREATE USER MAPPING FOR app SERVER s OPTIONS (\n    password 'x'\n);\n", ["app"]],
    ["TABLE", "GRANT SELECT ON TABLE public.orders TO reader;\n", []],
  ])("%s %s", (desc, definition, expected) => {
    expect(rolesNamedBy(tocEntry({ dumpId: 1, desc, definition }))).toEqual(expected);
  });
});

it("puts other roles into grants, and nothing else", () => {
  const map = { reader: 'new"one', PUBLIC: "x" };
  const mapped = (desc: string, definition: string) => mapRoles(tocEntry({ dumpId: 1, desc, definition }), map);
  expect(
    mapped(
      "ACL",
      'SET SESSION AUTHORIZATION boss;\nGRANT SELECT("reader") ON TABLE public.reader TO reader WITH GRANT OPTION;\nREVOKE ALL ON TABLE public.reader FROM PUBLIC;\n',
    ),
  ).toBe(
    'SET SESSION AUTHORIZATION boss;\nGRANT SELECT("reader") ON TABLE public.reader TO "new""one" WITH GRANT OPTION;\nREVOKE ALL ON TABLE public.reader FROM PUBLIC;\n',
  );
  expect(
    mapped("POLICY", "CREATE POLICY reader ON public.reader FOR SELECT TO boss, reader USING ((x = ' TO reader'));\n"),
  ).toBe('CREATE POLICY reader ON public.reader FOR SELECT TO boss, "new""one" USING ((x = \' TO reader\'));\n');
  const untouched = "CREATE POLICY p ON public.t USING ((note = ' TO reader USING'));\n";
  expect(mapped("POLICY", untouched)).toBe(untouched);
  expect(mapped("VIEW", "SELECT 1 TO reader;\n")).toBe("SELECT 1 TO reader;\n");
});

it("gives objects to another role as pg_restore would", () => {
  const statements = shopToc().flatMap((entry) => buildChangeOwner(entry, "new") ?? []);
  expect(statements).toContain('ALTER TABLE public.orders OWNER TO "new"');
  expect(statements).toContain('ALTER FUNCTION public.f_ck(x integer) OWNER TO "new"');
  expect(statements).toContain('ALTER TABLE public."Odd; ""na\nme" OWNER TO "new"');
  expect(statements.some((text) => /INDEX|CONSTRAINT|TRIGGER orders/.test(text))).toBe(false);
});
