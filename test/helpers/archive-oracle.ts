import type { Archive } from "../../electron/archives/archive.ts";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName } from "../../shared/command/names.ts";

/** What PostgreSQL's own tools say about an archive and its rows, rebuilt from what our reader gives. */

/** The settings pg_dump itself makes before it copies (setup_connection in pg_dump.c), as PGOPTIONS. */
export const dumpSettings =
  "-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex -c row_security=off";

/** What pg_restore -l prints and hides (PrintTOCSummary and _tocEntryRequired in pg_backup_archiver.c). */
export function listLines(archive: Archive): string[] {
  const lines: string[] = [];
  for (const entry of archive.toc) {
    const { dumpId, tableOid, oid, desc, namespace, tag, owner, definition, hadDumper } = entry;
    if (["ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES"].includes(desc)) continue;
    if (["ACL", "COMMENT", "SECURITY LABEL"].includes(desc) && tag.startsWith("DATABASE ")) continue;
    if (!hadDumper && (definition ?? "") === "") continue;
    const [schema, name, who] = [namespace ?? "-", tag, owner ?? ""].map((text) => text.replaceAll(/[\r\n]/g, " "));
    lines.push(`${dumpId}; ${tableOid} ${oid} ${desc} ${schema} ${name} ${who}`);
  }
  return lines;
}

/** The entries in what pg_restore -l printed. */
export function listedLines(output: string): string[] {
  return output.split("\n").filter((line) => /^\d+; /.test(line));
}

/** Every row of a table's data. */
export async function allRows(archive: Archive, id: number): Promise<CopyRow[]> {
  const rows: CopyRow[] = [];
  for await (const batch of archive.readRows(id)) rows.push(...batch);
  return rows;
}

const letters: Record<string, string> = {
  "\b": "b",
  "\f": "f",
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\v": "v",
  "\\": "\\",
};

function escape(value: string): string {
  return value.replaceAll(/[\b\f\n\r\t\v\\]/g, (letter) => `\\${letters[letter]}`);
}

/** Rows as COPY TO writes them. */
export function copyText(rows: readonly CopyRow[]): string {
  return rows.map((row) => `${row.map((value) => (value === null ? "\\N" : escape(value))).join("\t")}\n`).join("");
}

/** Every large object as `oid hex`, sorted. */
export async function largeObjects(archive: Archive): Promise<string[]> {
  const found: string[] = [];
  for (const entry of archive.toc) {
    if (entry.desc !== "BLOBS") continue;
    for await (const { oid, bytes } of archive.readLargeObjects(entry.dumpId)) {
      const parts: Uint8Array[] = [];
      for await (const part of bytes) parts.push(part);
      found.push(`${oid} ${Buffer.concat(parts).toString("hex")}`);
    }
  }
  return found.toSorted();
}

/** Every table's rows and the large objects, in the way of contentsOf. */
export async function contentsIn(archive: Archive): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const entry of archive.toc) {
    if (entry.desc !== "TABLE DATA") continue;
    contents[formatName(entry.namespace, entry.tag)] = copyText(await allRows(archive, entry.dumpId));
  }
  contents["large objects"] = (await largeObjects(archive)).map((line) => `${line}\n`).join("");
  return contents;
}

/** What of contentsOf's answer for the seeded databases an archive does not hold as data: materialized views and sequences. */
export function isComputed(name: string): boolean {
  return /^app\.totals$|_seq$|^"odd sequences"\.|^data\.(down|never_called)$/.test(name);
}
