import { identifierPattern as name, unquote } from "./identifiers.ts";

const copyHead = new RegExp(`^COPY (${name})(?:\\.(${name}))? (?=[( ])`);

/**
 * The column list of a data entry's COPY statement, in the rows' order and without quotes. It is the truth for reading
 * the rows: generated and dropped columns are absent from it. A real one of pg_dump 15:
 * `COPY public."Odd; name" (id, "a, b", "say ""hi""") FROM stdin;` and for a table without columns
 * `COPY public.empty  FROM stdin;`.
 * @returns null where the text is not such a statement
 */
export function parseCopyColumns(statement: string): string[] | null {
  const head = copyHead.exec(statement);
  if (head === null) return null;
  const rest = statement.slice(head[0].length);
  if (/^ *FROM stdin;\s*$/.test(rest)) return [];
  const columns: string[] = [];
  const item = new RegExp(`(${name})(, |\\) FROM stdin;\\s*$)`, "y");
  item.lastIndex = 1;
  for (;;) {
    const match = item.exec(rest);
    if (match === null) return null;
    const [, column = "", separator] = match;
    columns.push(unquote(column));
    if (separator !== ", ") return columns;
  }
}

/** The table a COPY statement fills, without quotes. Null where the text is not such a statement. */
export function parseCopyTable(statement: string): { schema: string | null; name: string } | null {
  const [, first, second] = copyHead.exec(statement) ?? [];
  if (first === undefined) return null;
  return second === undefined
    ? { schema: null, name: unquote(first) }
    : { schema: unquote(first), name: unquote(second) };
}
