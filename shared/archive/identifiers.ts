/** An identifier as pg_dump writes it: in quotes where it must be. */
export const identifierPattern = String.raw`(?:"(?:[^"]|"")*"|[^\s"(),.;]+)`;

/** A name with its schema, without quotes; an empty schema where none is written. */
export interface Identifier {
  readonly schema: string;
  readonly name: string;
}

/** An identifier as SQL writes it, without quotes. */
export function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}
