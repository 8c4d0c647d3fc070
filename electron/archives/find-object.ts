import { relationKinds } from "../../shared/archive/dependency-graph.ts";
import { nearNames } from "../../shared/archive/near-names.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, parseName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";

/** Entries that share their object's name without being the object. */
const companions = new Set([
  "TABLE DATA",
  "SEQUENCE SET",
  "SEQUENCE OWNED BY",
  "MATERIALIZED VIEW DATA",
  "STATISTICS DATA",
  "ROW SECURITY",
  "TABLE ATTACH",
  "INDEX ATTACH",
  "COMMENT",
  "SECURITY LABEL",
  "ACL",
]);

/** Objects whose tag is `relation name`. */
const named = new Set(["CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "RULE", "POLICY", "DEFAULT"]);

/**
 * All entries of a name, in archive order: the object itself and what shares its name (a TABLE and its TABLE DATA).
 * @param name `schema.name` or `name` as SQL writes it; without a schema all schemas are searched
 * @throws usage.invalid where it is not a name
 */
export function findEntries(toc: Toc, name: string): TocEntry[] {
  const wanted = parseName(name);
  return filterEntries(toc, (entry) => entry.tag === wanted.name && isIn(entry, wanted.schema));
}

/**
 * The object a person means: a dump ID, a name, a function's name with or without its arguments, or the name of a
 * constraint, trigger, rule or policy.
 * @throws archive.objectNotFound with near names, archive.objectAmbiguous naming the candidates, usage.invalid
 */
export function findObject(toc: Toc, argument: string): TocEntry {
  const byId = findById(toc, argument);
  if (byId !== null) return byId;
  const signature = /^((?:"(?:[^"]|"")*"|[^"(])+)(\(.*\))$/s.exec(argument.trim());
  const wanted = parseName(signature?.[1] ?? argument);
  const tag = wanted.name + (signature?.[2] ?? "");
  const objects = filterEntries(toc, (entry) => isIn(entry, wanted.schema) && !companions.has(entry.desc));
  const tests: ((entry: TocEntry) => boolean)[] = [
    (entry) => entry.tag === tag,
    (entry) => signature === null && entry.tag.startsWith(`${tag}(`),
    (entry) => named.has(entry.desc) && entry.tag.endsWith(` ${tag}`),
  ];
  for (const test of tests) {
    const found = objects.filter(test);
    const [first, second] = found;
    if (first === undefined) continue;
    if (second !== undefined) throw ambiguous(toc, argument, found);
    return first;
  }
  throw notFound(formatName(wanted.schema, tag), wanted.name, objects);
}

/**
 * The entry with a table's rows, by the table's name or a dump ID.
 * @throws archive.objectNotFound, archive.objectAmbiguous, usage.invalid, and archive.noData saying where the rows are
 *   when the name is a partitioned table, a view, a sequence or a table without rows in the archive
 */
export function findTableData(toc: Toc, argument: string): TocEntry {
  return findInPart(toc, argument) ?? findData(toc, argument);
}

/** In a script of several databases, in the one that has such an entry. Null where none has, or there is but one. */
function findInPart(toc: Toc, argument: string): TocEntry | null {
  if (toc.parts === undefined) return null;
  const isId = /^\d+$/.test(argument);
  const found = toc.parts.flatMap(({ toc: part }) => {
    const entries = isId ? [part.byDumpId(Number(argument)) ?? []].flat() : findEntries(part, argument);
    const [first] = entries.filter(({ desc }) => isId || desc === "TABLE DATA" || relationKinds.has(desc));
    return first === undefined ? [] : [{ part, first }];
  });
  const [only, ...others] = found;
  if (only === undefined) return null;
  if (others.length === 0) return findData(only.part, argument);
  throw ambiguous(
    toc,
    argument,
    found.map(({ first }) => first),
  );
}

function findData(toc: Toc, argument: string): TocEntry {
  const byId = findById(toc, argument);
  if (byId !== null) {
    if (byId.hasData) return byId;
    const data = dataOf(toc, byId);
    if (data !== null) return data;
    throw withoutRows(toc, byId);
  }
  const found = findEntries(toc, argument).filter(
    (entry) => entry.desc === "TABLE DATA" || relationKinds.has(entry.desc),
  );
  const [first] = found;
  const wanted = parseName(argument);
  if (first === undefined) {
    const relations = filterEntries(toc, (entry) => relationKinds.has(entry.desc) || entry.desc === "TABLE DATA");
    throw notFound(formatName(wanted.schema, wanted.name), wanted.name, relations);
  }
  if (found.some((entry) => entry.namespace !== first.namespace)) throw ambiguous(toc, argument, found);
  const data = found.find((entry) => entry.desc === "TABLE DATA" && entry.hasData);
  if (data !== undefined) return data;
  throw withoutRows(toc, found.find((entry) => entry.desc !== "TABLE DATA") ?? first);
}

function findById(toc: Toc, argument: string): TocEntry | null {
  if (!/^\d+$/.test(argument)) return null;
  const entry = toc.byDumpId(Number(argument));
  if (entry === undefined)
    throw new AppError("archive.objectNotFound", `The archive has no entry with dump ID ${argument}.`);
  return entry;
}

function withoutRows(toc: Toc, entry: TocEntry): AppError {
  const name = formatName(entry.namespace, entry.tag);
  switch (entry.desc) {
    case "VIEW":
      return noRows(`${name} is a view; its rows come from other tables.`, listing(tablesRead(toc, entry)));
    case "MATERIALIZED VIEW":
      return noRows(
        `${name} is a materialized view; an archive holds its query, not its rows.`,
        listing(tablesRead(toc, entry)),
      );
    case "SEQUENCE":
      return noRows(
        `${name} is a sequence and has no rows.`,
        `See its definition with: lifeboat definition ARCHIVE ${entry.dumpId}`,
      );
    case "FOREIGN TABLE":
      return noRows(`${name} is a foreign table; its rows are on the other server.`, undefined);
    case "TABLE":
    case "TABLE DATA":
      break;
    default:
      return noRows(`${entry.desc} ${name} is not a table.`, undefined);
  }
  if (/^PARTITION BY /m.test(entry.definition ?? "")) {
    const partitions = partitionsWithRows(toc, entry);
    const message = `${name} is a partitioned table; its rows are in its partitions.`;
    return noRows(message, listing(partitions) ?? "The archive holds no rows of them.");
  }
  return noRows(
    `The archive holds no rows of ${name}.`,
    "The dump was made without its data, or it has the definition only.",
  );
}

function listing(entries: readonly TocEntry[]): string | undefined {
  if (entries.length === 0) return undefined;
  const names = entries.slice(0, 20).map((entry) => formatName(entry.namespace, entry.tag));
  const more = entries.length > names.length ? ` and ${entries.length - names.length} more` : "";
  return `Look at: ${names.join(", ")}${more}`;
}

function tablesRead(toc: Toc, view: TocEntry): TocEntry[] {
  const read = new Set(view.dependencies);
  return filterEntries(
    toc,
    (entry) => read.has(entry.dumpId) && entry.desc !== "SEQUENCE" && relationKinds.has(entry.desc),
  );
}

/** All levels of partitions, those that have rows. A partition depends on its parent in every version. */
function partitionsWithRows(toc: Toc, parent: TocEntry): TocEntry[] {
  const family = new Set([parent.dumpId]);
  const members: TocEntry[] = [];
  // A parent always stands before its partitions, so one pass sees all levels.
  for (const entry of toc) {
    if (entry.desc !== "TABLE" || !entry.dependencies.some((id) => family.has(id))) continue;
    family.add(entry.dumpId);
    members.push(entry);
  }
  return members.filter((entry) => dataOf(toc, entry) !== null);
}

function dataOf(toc: Toc, table: TocEntry): TocEntry | null {
  const { tag, namespace } = table;
  for (const entry of toc)
    if (entry.desc === "TABLE DATA" && entry.hasData && entry.tag === tag && entry.namespace === namespace)
      return entry;
  return null;
}

function isIn(entry: TocEntry, schema: string | null): boolean {
  return schema === null || entry.namespace === schema;
}

function filterEntries(toc: Toc, test: (entry: TocEntry) => boolean): TocEntry[] {
  const found: TocEntry[] = [];
  for (const entry of toc) if (test(entry)) found.push(entry);
  return found;
}

function noRows(message: string, hint: string | undefined): AppError {
  return new AppError("archive.noData", message, { hint });
}

function ambiguous(toc: Toc, argument: string, found: readonly TocEntry[]): AppError {
  const candidates = found.map(({ desc, namespace, tag, dumpId }) => {
    const database = toc.parts?.find((part) => part.toc.indexOf(dumpId) >= 0)?.database ?? null;
    const where = database === null ? "" : ` in ${formatName(null, database)}`;
    return `${desc} ${formatName(namespace, tag)}${where} (dump ID ${dumpId})`;
  });
  return new AppError("archive.objectAmbiguous", `The archive has ${found.length} objects that ${argument} can mean.`, {
    detail: candidates.slice(0, 20).join("\n"),
    hint:
      toc.parts === undefined
        ? "Name it with its schema, or give the dump ID instead of the name."
        : "Name its database with --database, or give the dump ID instead of the name.",
  });
}

function notFound(text: string, name: string, known: readonly TocEntry[]): AppError {
  const near = nearNames(name, known);
  return new AppError("archive.objectNotFound", `The archive has no ${text}.`, {
    hint: near.length === 0 ? undefined : `Did you mean ${near.join(", ")}?`,
  });
}
