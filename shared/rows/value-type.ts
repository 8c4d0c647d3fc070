/** Kinds of types that are compared, shown and written each in its own way. */
export type ValueKind = "number" | "time" | "boolean" | "uuid" | "bytea" | "json" | "padded" | "text" | "other";

const kinds: readonly (readonly [RegExp, ValueKind])[] = [
  [/^(?:smallint|integer|bigint|numeric|real|double precision|oid)\b/, "number"],
  [/^(?:date\b|timestamp\b)/, "time"],
  [/^boolean\b/, "boolean"],
  [/^uuid\b/, "uuid"],
  [/^bytea\b/, "bytea"],
  [/^jsonb?\b/, "json"],
  [/^character(?!\s+varying)\b/, "padded"],
  [/^(?:text|character varying|name|xml|"char")(?:\b|$|\()/, "text"],
];

/**
 * The kind of a type as a CREATE TABLE of pg_dump writes it: `numeric(10,2)`, `timestamp(3) with time zone`. Arrays,
 * types of the database's own, and what is not known (null) are `other`.
 */
export function kindOfType(type: string | null): ValueKind {
  if (type === null || type.endsWith("]")) return "other";
  return kinds.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}

/** True for a type whose values stand at the right of their column, so that their digits line up. */
export function isNumericType(type: string | null): boolean {
  return kindOfType(type) === "number" || type === "money";
}
