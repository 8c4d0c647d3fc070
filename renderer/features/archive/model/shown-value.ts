import { kindOfType } from "../../../../shared/rows/value-type.ts";
import { formatBytes } from "../../../../shared/text/format.ts";

/** Bytes of a bytea that a cell shows behind its size. */
const SHOWN_BYTES = 12;

/** A value as a cell of the grid shows it: of bytes their number and the first of them, of everything else its text. */
export function cellValue(value: string, type: string | null, isCut: boolean): string {
  const size = kindOfType(type) === "bytea" ? bytesOf(value) : null;
  if (size === null) return value;
  const isLonger = isCut || size > SHOWN_BYTES;
  const first = value.slice(0, 2 + 2 * SHOWN_BYTES);
  return `${isCut ? "over " : ""}${formatBytes(size)}  ${first}${isLonger ? "…" : ""}`;
}

/** How many bytes a bytea in hexadecimal digits has; null where it is written otherwise. */
export function bytesOf(value: string): number | null {
  return /^\\x(?:[0-9a-f]{2})*/i.exec(value)?.[0].length === value.length - (value.length % 2)
    ? Math.floor((value.length - 2) / 2)
    : null;
}

/**
 * JSON with a line for each of its parts, indented. Its tokens stay as they are, so that no digit of a number is lost; what is no
 * JSON comes out as something that is none either.
 */
export function indentJson(text: string): string {
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.max(0, depth))}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|"/gs) ?? [];
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    if (token === "{" || token === "[") {
      depth += 1;
      out += token;
      if (next !== "}" && next !== "]") out += line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const last = tokens[at - 1];
      out += last === "{" || last === "[" ? token : line() + token;
    } else if (token === ",") out += token + line();
    else out += token === ":" ? ": " : token;
  }
  return out;
}
