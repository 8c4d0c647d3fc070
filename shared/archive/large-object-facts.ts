import type { Toc } from "./toc.ts";

/** What an archive says about a large object beside its bytes. */
export interface LargeObjectFacts {
  /** null where the archive does not say. */
  readonly owner: string | null;
  readonly comment: string | null;
}

/**
 * Owners and comments of large objects by their number. Up to PostgreSQL 16 each has an entry of its own (`BLOB`, its number
 * for a tag); since 17 one entry (`BLOB METADATA`) is about many of the same owner, whose numbers are the lines of its
 * definition. Comments are statements (dumpLO in src/bin/pg_dump/pg_dump.c):
 *
 *     COMMENT ON LARGE OBJECT 4711 IS 'it''s the lease';
 */
export function largeObjectFacts(toc: Toc): ReadonlyMap<number, LargeObjectFacts> {
  const facts = new Map<number, LargeObjectFacts>();
  const add = (oid: number, more: Partial<LargeObjectFacts>) =>
    facts.set(oid, { owner: null, comment: null, ...facts.get(oid), ...more });
  for (const entry of toc) {
    const { desc, tag, definition } = entry;
    if (desc === "BLOB" || desc === "BLOB METADATA") {
      const owner = entry.owner === "" ? null : entry.owner;
      const listed =
        desc === "BLOB" ? [] : [...(definition ?? "").matchAll(/^(?:SELECT pg_catalog\.lo_create\(')?(\d+)/gm)];
      for (const oid of listed.length > 0 ? listed.map(([, digits]) => Number(digits)) : wholeNumber(tag))
        add(oid, { owner });
    } else if (desc === "COMMENT" && /^LARGE OBJECTS? /.test(tag)) {
      for (const [, digits, text = ""] of (definition ?? "").matchAll(comment))
        add(Number(digits), { comment: unescaped(text) });
    }
  }
  return facts;
}

const comment = /^COMMENT ON LARGE OBJECT (\d+) IS (E?'(?:[^']|'')*');/gm;

/** Of a literal as appendStringLiteral of fe_utils writes it: backslashes are doubled behind an E alone. */
function unescaped(literal: string): string {
  const isEscaped = literal.startsWith("E");
  const text = literal.slice(isEscaped ? 2 : 1, -1).replaceAll("''", "'");
  return isEscaped ? text.replaceAll("\\\\", "\\") : text;
}

function wholeNumber(text: string): number[] {
  return /^\d+$/.test(text) ? [Number(text)] : [];
}
