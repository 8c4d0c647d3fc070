import type { ExportFormat } from "../../../../shared/rows/row-format.ts";
import { kindOfType } from "../../../../shared/rows/value-type.ts";

/** A file's name for what is exported: nothing in it means anything to a file system. */
export function exportFileName(schema: string, table: string, format: ExportFormat): string {
  return `${harmless(`${schema === "" ? "" : `${schema}.`}${table}`) || "rows"}.${format}`;
}

/** One for a large object: what it holds, and so what it would end with, nobody has said. */
export function largeObjectFileName(oid: number): string {
  return `large-object-${oid}.bin`;
}

/** One for a value of a column. */
export function valueFileName(column: string, type: string | null): string {
  const ends = { bytea: "bin", json: "json" } as const;
  const kind = kindOfType(type);
  return `${harmless(column) || "value"}.${kind === "bytea" || kind === "json" ? ends[kind] : "txt"}`;
}

function harmless(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "_")
    .slice(0, 100)
    .replace(/^\.+/, "");
}
