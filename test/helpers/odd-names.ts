/**
 * Names that PostgreSQL allows and tools trip over. No relation is called like another, and none is longer than 63
 * bytes, so each may stand for a schema, table, column, sequence, index, type, function, trigger, policy or role.
 */
export const oddNames: readonly string[] = [
  "plain",
  "With Space",
  "UPPER",
  "select",
  " leading space",
  "trailing space ",
  'double "quoted"',
  '"',
  '""',
  "it's",
  "'",
  "semi;colon",
  "back\\slash",
  "ends with \\",
  "per%cent %s %n",
  "a=b",
  "-t",
  "--leading-dashes",
  "-- comment",
  "/* comment */",
  "dot.ted.name",
  "with,comma",
  "$dollar$ ${x} $(id)",
  "`tick`",
  "star * quest? [a-z]",
  "(paren) {curly} <angle>",
  "pipe | amp & bang !",
  "#hash @at ^caret ~tilde",
  "tab\there",
  "new\nline",
  "\\connect postgres",
  "new\n\\! touch /tmp/owned\nline",
  "1digit",
  "null",
  "ünïcödé",
  "é composed",
  "e\u0301 composed",
  "日本語の表",
  "🚣🏽‍♀️ boat",
  "שלום עליכם",
  "‮reversed‬",
  "zero\u200bwidth",
  "no\u00a0break",
  "x".repeat(63),
  `${"é".repeat(31)}y`,
  "; Type: TABLE; Schema: public; Owner: x",
  "1; 1259 16384 TABLE public t owner",
];

/**
 * Names of databases: as odd, but without line breaks, which PostgreSQL's own tools refuse there. The conninfo ones
 * would lead a tool elsewhere that takes them for a connection string.
 */
export const oddDatabaseNames: readonly string[] = [
  "dbname=postgres host=nowhere.invalid",
  "postgresql://nowhere.invalid/postgres",
  "-d other",
  `odd "db"; it's 100% \\ 🚣 =x`,
  "שלום / ../up",
  "z".repeat(63),
];

/** For building SQL in seeds. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A standard string literal; a backslash means itself. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
