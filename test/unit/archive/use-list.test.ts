import { expect, it } from "vitest";
import { parseListedIds, writeUseList } from "../../../shared/archive/use-list.ts";
import { tocEntry } from "../../helpers/toc-fixtures.ts";

it("writes one line an entry whatever its name holds, and reads them back", () => {
  const entries = new Map(
    [
      tocEntry({ dumpId: 7, desc: "TABLE", tag: "Odd\n99; name" }),
      tocEntry({ dumpId: 3, desc: "FK CONSTRAINT" }),
      tocEntry({ dumpId: 12, desc: "HOSTILE\n13;" }),
    ].map((entry) => [entry.dumpId, entry]),
  );
  const list = writeUseList([7, 3, 12], entries);
  expect(list).toBe("7; TABLE\n3; FK CONSTRAINT\n12; HOSTILE\n");
  expect(parseListedIds(list)).toEqual([7, 3, 12]);
});

it("reads what pg_restore -l prints", () => {
  // pg_restore 15.18 -l, abridged
  const listing =
    ";\n; Archive created at 2026-11-22 14:32:24 UTC\n;     dbname: shop\n;\n222; 1259 16511 TABLE public orders shop_app\n3347; 2604 16514 DEFAULT public orders id shop_app\n";
  expect(parseListedIds(listing)).toEqual([222, 3347]);
});
