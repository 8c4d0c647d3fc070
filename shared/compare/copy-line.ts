import type { CopyRow } from "../archive/copy-text.ts";

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/**
 * A row as COPY TO writes it in text format, without the line end (CopyAttributeOutText in PostgreSQL's
 * src/backend/commands/copyto.c).
 */
export function writeCopyLine(row: CopyRow): string {
  return row.map(writeValue).join("\t");
}

function writeValue(value: string | null): string {
  if (value === null) return String.raw`\N`;
  // oxlint-disable-next-line no-control-regex -- these are the characters that COPY escapes
  return value.replaceAll(/[\\\b\f\n\r\t\v]/g, (found) => escapes[found] ?? found);
}
