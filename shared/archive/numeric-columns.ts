const numericTypes = /^(?:smallint|integer|bigint|numeric|real|double precision|money|oid)\b(?!.*\[\])/;

/**
 * Which columns of a table hold numbers, by the types in its CREATE TABLE. Real lines (pg_dump 15.18):
 * `    total numeric(10,2) NOT NULL,` and `    "Odd; name" integer`. False where the definition does not say.
 */
export function numericColumns(definition: string | null, columns: readonly string[]): boolean[] {
  const types = new Map<string, string>();
  for (const line of (definition ?? "").split("\n    ").slice(1)) {
    const [, quoted, plain, type = ""] = /^(?:"((?:[^"]|"")+)"|(\S+)) (.*)/.exec(line) ?? [];
    const name = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    if (name !== undefined) types.set(name, type);
  }
  return columns.map((column) => numericTypes.test(types.get(column) ?? ""));
}
