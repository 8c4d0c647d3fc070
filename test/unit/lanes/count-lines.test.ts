import * as fc from "fast-check";
import { expect, test } from "vitest";
import { countLineFeeds } from "../../../shared/lanes/count-lines.ts";

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

test("counts them in long stretches, whatever their length", () => {
  const all = new Uint8Array(700_000).fill(10);
  for (const length of [0, 1, 15, 16, 17, 4080, 4081, 131_072, 131_073, 300_000, 700_000])
    expect(countLineFeeds(all, 0, length)).toBe(length);
  const some = Uint8Array.from(all, (_, index) => (index % 7 === 0 ? 10 : index & 255 || 1));
  const expected = some.filter((byte) => byte === 10).length;
  expect(countLineFeeds(some)).toBe(expected);
  expect(countLineFeeds(some, 3, 699_999)).toBe(some.subarray(3, 699_999).filter((byte) => byte === 10).length);
});
