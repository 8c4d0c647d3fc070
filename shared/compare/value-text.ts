/** Types whose cast to text is their output; boolean, character, inet and others have a cast of their own. */
const castIsOutput =
  /^(?:smallint|integer|bigint|numeric|text|character varying|uuid|date|time|timestamp|json|jsonb|bytea|real|double precision)\b(?!.*\[\])/;

/** SQL for a value's text as COPY writes it, in byte order. `expression` is evaluated up to twice. */
export function textOfValue(expression: string, type: string): string {
  const text = castIsOutput.test(type)
    ? `${expression}::pg_catalog.text`
    : `case when pg_catalog.num_nulls(${expression}) = 0 then pg_catalog.format('%s', ${expression}) end`;
  return `(${text}) collate "C"`;
}

/**
 * SQL for a text read by a type, without the type's length: a cast to varchar(5) cuts a longer text without a word.
 */
export function valueOfText(expression: string, type: string): string {
  const whole = type.replace(/^(character varying|character|bit varying|bit)\(\d+\)/, (_, kind: string) =>
    kind === "character" ? "pg_catalog.bpchar" : kind === "bit" ? "pg_catalog.varbit" : kind,
  );
  return `${expression}::${whole}`;
}
