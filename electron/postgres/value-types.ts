/** PostgreSQL's text of a value → the value. */
export type TextParser = (text: string) => unknown;

/**
 * Parsers by type OID (pg_type.dat); what is not listed stays PostgreSQL's text, so that no date is bent by a time zone
 * and no numeric loses digits:
 *
 * - boolean, smallint, integer, oid, real, double precision: as JavaScript has them
 * - bigint: a number where it is safe (sizes and counts are), else its text
 * - json, jsonb: parsed; bytea: Buffer
 * - arrays of these and of text, name, varchar: arrays, NULL elements null
 */
export function createTextParsers(parseTextArray: TextParser): ReadonlyMap<number, TextParser> {
  const elements: [TextParser, number, arrayOid: number][] = [
    [(text) => text === "t", 16, 1000],
    [readBytea, 17, 1001],
    [readInteger, 20, 1016],
    [Number, 21, 1005],
    [Number, 23, 1007],
    [Number, 26, 1028],
    [Number, 700, 1021],
    [Number, 701, 1022],
    [JSON.parse, 114, 199],
    [JSON.parse, 3802, 3807],
    [asText, 19, 1003],
    [asText, 25, 1009],
    [asText, 1043, 1015],
  ];
  const parsers = new Map<number, TextParser>();
  for (const [parse, oid, arrayOid] of elements) {
    parsers.set(oid, parse);
    parsers.set(arrayOid, (text) => parseElements(parseTextArray(text), parse));
  }
  return parsers;
}

/** Elements may be arrays again: PostgreSQL's arrays have any number of dimensions. */
function parseElements(value: unknown, parse: TextParser): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => parseElements(element, parse));
  return typeof value === "string" ? parse(value) : null;
}

function asText(text: string): string {
  return text;
}

function readInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** `\x…`, the output of every server since 9.0 unless bytea_output says escape; that stays text. */
function readBytea(text: string): Buffer | string {
  return text.startsWith(String.raw`\x`) ? Buffer.from(text.slice(2), "hex") : text;
}
