import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { surveyArchive, writeSalvage } from "../../../electron/archives/salvage.ts";
import { writeOffset } from "../../../shared/archive/encoding.ts";
import { readArchiveHead } from "../../../shared/archive/toc-reader.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

test("a table is whole though another one is said to begin in the middle of its data", async () => {
  const rows = Array.from({ length: 50 }, (_, at) => `${at}\tname ${at}\n`).join("");
  const table = (dumpId: number) => ({
    dumpId,
    desc: "TABLE DATA",
    tag: `t${dumpId}`,
    namespace: "public",
    copyStatement: `COPY public.t${dumpId} (a, b) FROM stdin;\n`,
    data: rows + copyEnd,
  });
  const bytes = buildArchive({ hasOffsets: true, chunkBytes: 100, entries: [table(20), table(21)] });
  const head = readArchiveHead(bytes, nodeDecoding);
  writeOffset(bytes, head.offsetFieldAt(21) ?? 0, (head.toc.byDumpId(20)?.dataOffset ?? 0) + 8, head.header.offsetSize);
  const folder = mkdtempSync(join(tmpdir(), "lb-salvage-"));
  try {
    const path = join(folder, "a.dump");
    const salvaged = join(folder, "salvaged.dump");
    writeFileSync(path, bytes);
    const archive = await openArchive(path);
    const survey = await surveyArchive(archive, undefined);
    expect(survey).toMatchObject([
      { tag: "t20", rows: 50, broken: null },
      { tag: "t21", broken: { code: "archive.damaged" } },
    ]);
    await writeSalvage(archive, survey, salvaged, undefined);
    await archive.close();
    const again = await openArchive(salvaged);
    expect(await surveyArchive(again, undefined)).toMatchObject([{ tag: "t20", rows: 50, broken: null }]);
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
