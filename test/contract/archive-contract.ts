import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { formatName } from "../../shared/command/names.ts";
import { allRows, copyText, largeObjects } from "../helpers/archive-oracle.ts";

/** What an archive says of a database, which is the same in every format that pg_dump writes. */
export interface ArchivePicture {
  /** `kind schema.name owner` and the SQL, without the ids that a plain script does not have. */
  readonly definitions: readonly string[];
  /** Rows and a hash of their COPY text, by table. */
  readonly rows: Readonly<Record<string, string>>;
  readonly largeObjects: readonly string[];
}

/** Reads everything in an archive, and holds it to what every archive promises. */
export async function pictureOf(archive: Archive): Promise<ArchivePicture> {
  const definitions: string[] = [];
  const rows: Record<string, string> = {};
  const sizes = await archive.storedSizes();
  for (const entry of archive.toc) {
    const { dumpId, desc, namespace, tag, owner, definition, hasData } = entry;
    expect(archive.toc.byDumpId(dumpId)?.tag).toBe(tag);
    const known = definition ?? "";
    if (known !== "" && !hasData)
      definitions.push(`${desc} ${formatName(namespace, tag)} ${owner ?? ""}\n${known.trim()}`);
    if (desc !== "TABLE DATA") continue;
    const range = await archive.dataRange(dumpId);
    // Of an empty table INSERT statements have nothing, COPY its end mark.
    expect(range.length).toBeGreaterThanOrEqual(entry.copyStatement === null ? 0 : 1);
    expect(sizes.get(dumpId) ?? range.length).toBe(range.length);
    const read = await allRows(archive, dumpId);
    const columns = await archive.columns(dumpId);
    for (const row of read) expect(row.length).toBe(columns.length);
    const text = copyText(read);
    if (entry.copyStatement !== null) expect(await rawText(archive, dumpId)).toBe(`${text}\\.\n\n\n`);
    const glance = [];
    for await (const batch of archive.readRows(dumpId, { limit: 3 })) glance.push(...batch);
    expect(glance).toEqual(read.slice(0, 3));
    const name = `${formatName(namespace, tag)} (${columns.join(", ")})`;
    rows[name] = `${read.length} ${createHash("sha256").update(text).digest("hex")}`;
  }
  return { definitions: definitions.toSorted(), rows, largeObjects: await largeObjects(archive) };
}

async function rawText(archive: Archive, id: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of archive.readData(id)) parts.push(part);
  return Buffer.concat(parts).toString(archive.toc.encoding === "LATIN1" ? "latin1" : "utf8");
}

/** The whole excerpt, as pg_restore would get it. */
export async function excerptOf(archive: Archive, ids: readonly number[]): Promise<Buffer> {
  const { bytes } = await archive.excerpt(ids);
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}
