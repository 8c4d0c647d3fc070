import { expect, test } from "vitest";
import { formatRate, parseRate } from "../../../shared/text/parse-bytes.ts";

test.each([
  ["5MB/s", 5e6],
  ["5mb", 5e6],
  ["1.5 MiB/s", 1.5 * 1024 * 1024],
  ["800kB/s", 800_000],
  ["500000", 500_000],
  ["2GB/s", 2e9],
])("%s is a rate", (text, bytes) => expect(parseRate(text)).toBe(bytes));

test.each(["", "fast", "0", "-1MB/s", "5 MB per s", "5Mbit/s", "1e9", "0.1b"])("%j is none", (text) =>
  expect(parseRate(text)).toBeNull(),
);

test.each([5e6, 2e9, 800_000, 2_097_152, 1, 1500])("%d is written as it is read", (bytes) =>
  expect(parseRate(formatRate(bytes))).toBe(bytes),
);
