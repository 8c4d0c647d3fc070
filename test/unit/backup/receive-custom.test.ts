import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { withCountingThread } from "../../../electron/backup/counting-thread.ts";
import { receiveCustomDump } from "../../../electron/backup/receive-custom.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

const nowhere = { write: async () => {}, head: null };
const nobody = { received() {}, tablesKnown() {}, tableRunning() {}, tableFinished() {} };

const table = (dumpId: number, tag: string) => ({
  dumpId,
  desc: "TABLE DATA",
  namespace: "public",
  tag,
  copyStatement: `COPY public.${tag} (id) FROM stdin;\n`,
  data: `1\n2\n${copyEnd}`,
});

const receive = (bytes: Buffer) =>
  withCountingThread((counting) => receiveCustomDump(Readable.from([bytes]), nowhere, nobody, counting));

test("every table whose data is there is counted", async () => {
  const archive = buildArchive({ entries: [table(1, "one"), table(2, "two")], hasOffsets: false });
  const { data, incomplete } = await receive(archive);
  expect(data.map(({ tag, rows }) => [tag, rows])).toEqual([
    ["one", 2],
    ["two", 2],
  ]);
  expect(incomplete).toEqual([]);
});

test("a stream that ends between two tables is not whole, whatever the exit code says", async () => {
  const whole = buildArchive({ entries: [table(1, "one"), table(2, "two")], hasOffsets: false, compression: "none" });
  // Type byte and dump ID (pg_backup_custom.c, _StartData).
  const second = whole.lastIndexOf(Buffer.from([1, 0, 2, 0, 0, 0]));
  const { data, incomplete } = await receive(whole.subarray(0, second));
  expect(data.map(({ tag }) => tag)).toEqual(["one"]);
  expect(incomplete).toEqual(["public.two"]);
});
