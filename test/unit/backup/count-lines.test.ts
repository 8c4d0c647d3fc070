import * as fc from "fast-check";
import { expect, test } from "vitest";
import { countLineFeeds } from "../../../electron/backup/count-lines.ts";

test("counts line feeds in any range of any bytes, as counting one by one does", () => {
  const bytes = fc.uint8Array({ maxLength: 3000 });
  const mostlyFeeds = fc
    .array(fc.constantFrom(10, 10, 10, 11, 0x8a), { maxLength: 3000 })
    .map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.oneof(bytes, mostlyFeeds), fc.nat(10), fc.nat(10), (whole, fromStart, fromEnd) => {
      const start = Math.min(fromStart, whole.length);
      const end = Math.max(start, whole.length - fromEnd);
      const expected = whole.subarray(start, end).filter((byte) => byte === 10).length;
      expect(countLineFeeds(whole, start, end)).toBe(expected);
    }),
  );
});
