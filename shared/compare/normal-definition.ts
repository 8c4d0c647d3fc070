/**
 * A definition in the form that definitions are compared in: without what one pg_dump writes otherwise than another though
 * nothing about the object differs. Seen between pg_dump 15, 17 and 18 and servers of 14 to 18:
 *
 *     ALTER TABLE ONLY data.t ALTER COLUMN a SET (pg_attver=28660976);       a mark of the server's own, new with each change
 *     ALTER FOREIGN TABLE ONLY data.far ALTER COLUMN id OPTIONS (…);         17 has no ONLY
 *     ALTER DEFAULT PRIVILEGES … REVOKE ALL ON FUNCTIONS  FROM PUBLIC;       15 has two spaces
 *     REVOKE SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE ON TABLE …   17 lists what is all for an older server
 *     region text CONSTRAINT measured_region_not_null NOT NULL,               18 has names for these, of its own making mostly
 *      SELECT orders.id FROM public.orders;                                  16 leaves `orders.` out where one relation is read
 *     -- *not* creating schema, since initdb creates it                      14, of the schema public
 *
 * What is shown is the definition as it was written.
 */
export function normalDefinition(desc: string, definition: string | null): string {
  const text = (definition ?? "").trim();
  const rule = rules[desc];
  return rule === undefined ? text : rule(text);
}

const mark = /^ALTER (?:FOREIGN )?TABLE (?:ONLY )?.+ ALTER COLUMN .+ SET \(pg_attver=\d+\);\n?/gm;
const markAmongOthers = /( ALTER COLUMN .+ SET \()pg_attver=\d+, /g;
/** MAINTAIN came with 17. */
const everyTablePrivilege = new Set(["SELECT", "INSERT", "REFERENCES", "DELETE", "TRIGGER", "TRUNCATE", "UPDATE"]);

function withoutMark(text: string): string {
  return text.replaceAll(mark, "").replaceAll(markAmongOthers, "$1").trimEnd();
}

/** A column's line of a CREATE TABLE in the same way. */
export function normalColumnLine(line: string): string {
  return line.replaceAll(/ CONSTRAINT (?:\S+_not_null|"(?:[^"]|"")+_not_null") NOT NULL\b/g, " NOT NULL");
}

function grants(text: string): string {
  return text.replaceAll(/^(GRANT|REVOKE) ([A-Z]+(?:,[A-Z]+)*) ON TABLE /gm, (whole, verb: string, list: string) => {
    const named = list.split(",").filter((privilege) => privilege !== "MAINTAIN");
    const isAll = named.length === everyTablePrivilege.size && named.every((each) => everyTablePrivilege.has(each));
    return isAll ? `${verb} ALL ON TABLE ` : whole;
  });
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[^\s".,();]+)`;
const oneRelation = new RegExp(
  `^[^]*?\\n +FROM (?:ONLY )?(?:${identifier}\\.)?(${identifier})(?: (?:AS )?(?!WHERE|GROUP|ORDER|HAVING|LIMIT|OFFSET|WITH|WINDOW|UNION|JOIN)(${identifier}))?(?=[\\s;)]|$)`,
);

/**
 * A view over one relation without that relation's name before its columns. Where the text may read another one as well, in
 * a join, a list or a query of its own, it is left as it is.
 */
function withoutOnlyQualifier(text: string): string {
  const outside = text.replaceAll(/'(?:[^']|'')*'/g, "''");
  const [, name, alias] = oneRelation.exec(outside) ?? [];
  if (name === undefined || (outside.match(/\b(?:FROM|JOIN|WITH RECURSIVE)\b/g) ?? []).length !== 1) return text;
  if (/\n +FROM [^\n]*,\s*$/m.test(outside)) return text;
  const qualifier = `${alias ?? name}.`;
  const isWord = /\w$/;
  return text
    .split(/('(?:[^']|'')*')/)
    .map((part, at) => {
      if (at % 2 === 1) return part;
      const pieces = part.split(qualifier);
      return pieces.reduce((done, piece) => done + (isWord.test(done) || /[".]$/.test(done) ? qualifier : "") + piece);
    })
    .join("");
}

const rules: Readonly<Record<string, (text: string) => string>> = {
  TABLE: (text) => normalColumnLine(withoutMark(text)),
  "FOREIGN TABLE": (text) =>
    withoutMark(text).replaceAll(/^ALTER FOREIGN TABLE ONLY (?=.+ ALTER COLUMN )/gm, "ALTER FOREIGN TABLE "),
  VIEW: withoutOnlyQualifier,
  "MATERIALIZED VIEW": (text) => withoutOnlyQualifier(withoutMark(text)),
  ACL: grants,
  "DEFAULT ACL": (text) =>
    text.replaceAll(/^(ALTER DEFAULT PRIVILEGES .*? ON (?:TABLES|SEQUENCES|FUNCTIONS|TYPES|SCHEMAS)) {2}/gm, "$1 "),
  SCHEMA: (text) => (text.startsWith("-- *not* creating schema") ? "" : text),
};
