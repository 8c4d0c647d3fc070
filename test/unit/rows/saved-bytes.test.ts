import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../../electron/archives/archive.ts";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { createLargeObjectPages } from "../../../electron/rows/large-object-pages.ts";
import { readValueBytes } from "../../../electron/rows/value-bytes.ts";
import { everyRow } from "../../../shared/rows/row-filter.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bytes-"));
const objects = Array.from({ length: 25 }, (_, at) => ({ oid: 100 + at, bytes: Buffer.alloc(at * 1000, "x") }));
let archive: Archive;

beforeAll(async () => {
  const path = join(folder, "bytes.dump");
  const definition = "CREATE TABLE public.t (\n    id integer,\n    b bytea,\n    note text\n);\n";
  const rows = [
    "1\t\\\\xDEADbeef\tfür",
    "2\t\\\\x\t\\N",
    // As bytea_output = escape writes them: a\000b\\c, its backslashes doubled once more by COPY.
    "3\ta\\\\000b\\\\\\\\c\\\\377\t",
    "4\t\\\\xabc\t",
  ];
  writeFileSync(
    path,
    buildArchive({
      entries: [
        { dumpId: 1, desc: "TABLE", namespace: "public", tag: "t", definition },
        {
          dumpId: 2,
          desc: "TABLE DATA",
          namespace: "public",
          tag: "t",
          section: 3,
          dependencies: [1],
          copyStatement: "COPY public.t (id, b, note) FROM stdin;\n",
          data: rows.map((row) => `${row}\n`).join("") + copyEnd,
        },
        { dumpId: 3, desc: "BLOBS", tag: "BLOBS", data: objects },
      ],
    }),
  );
  archive = await openArchive(path);
});
afterAll(async () => {
  await archive.close();
  rmSync(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
async function bytesOf(row: number, column: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readValueBytes(archive, { dumpId: 2, filter: everyRow, row, column }, signal))
    parts.push(part);
  return Buffer.concat(parts).toString("hex");
}

describe("the bytes of a value", () => {
  it("are what a bytea stands for, however it is written, and of everything else its text", async () => {
    expect(await bytesOf(0, 1)).toBe("deadbeef");
    expect(await bytesOf(1, 1)).toBe("");
    expect(await bytesOf(2, 1)).toBe("6100625c63ff");
    expect(await bytesOf(0, 2)).toBe(Buffer.from("für").toString("hex"));
  });

  it("are none where there is no value, or none that PostgreSQL wrote", async () => {
    await expect(bytesOf(1, 2)).rejects.toMatchObject({ code: "archive.objectNotFound" });
    await expect(bytesOf(9, 1)).rejects.toMatchObject({ code: "archive.objectNotFound" });
    await expect(bytesOf(3, 1)).rejects.toMatchObject({ code: "archive.damaged" });
  });
});

describe("pages of large objects", () => {
  it("follow each other, and one asked for again is the same", async () => {
    const pages = createLargeObjectPages(archive);
    const first = await pages.read(0, 10);
    expect(first.objects.map(({ oid }) => oid)).toEqual(objects.slice(0, 10).map(({ oid }) => oid));
    expect(first.isEnd).toBe(false);
    const rest = await pages.read(10, 100);
    expect(rest).toMatchObject({ foundCount: 25, foundBytes: 300_000, isEnd: true });
    expect(rest.objects.at(-1)).toEqual({ oid: 124, sizeBytes: 24_000, owner: null, comment: null });
    expect((await pages.read(0, 10)).objects).toEqual(first.objects);
    pages.close();
  });
});
