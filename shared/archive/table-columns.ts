import { type Identifier, identifierPattern, unquote } from "./identifiers.ts";
import type { TocEntry } from "./toc-entry.ts";

/** A column as a table's definition in an archive has it. */
export interface TableColumn {
  readonly name: string;
  /** Computed from others: COPY leaves it out, INSERT without a list of columns writes DEFAULT for it. */
  readonly isGenerated: boolean;
}

/** Deeper inheritance than this is nobody's: a hostile archive's tables may inherit from each other. */
const deepest = 100;
/** MaxHeapAttributeNumber in PostgreSQL's src/include/access/htup_details.h. */
const mostColumns = 1600;

/**
 * The columns of the table whose rows a data entry holds, in the table's order, by the definitions in the archive: its own,
 * those of the tables it inherits from, the type it is of.
 * @returns null where the archive does not have them all
 */
export function tableColumns(toc: Iterable<TocEntry>, data: TocEntry): TableColumn[] | null {
  const makers = new Map<string, TocEntry>();
  for (const entry of toc)
    if (entry.desc === "TABLE" || entry.desc === "TYPE")
      makers.set(keyOf(entry.desc, entry.namespace, entry.tag), entry);
  return columnsOf(data.namespace, data.tag, 0);

  function columnsOf(namespace: string | null, name: string, depth: number): TableColumn[] | null {
    const definition = makers.get(keyOf("TABLE", namespace, name))?.definition;
    const table = definition === null || definition === undefined ? null : parseTable(definition);
    if (table === null || depth > deepest) return null;
    const found = new Map<string, TableColumn>();
    const { type } = table;
    if (type !== null) {
      const made = makers.get(keyOf("TYPE", type.schema, type.name))?.definition;
      if (made === null || made === undefined) return null;
      for (const column of parseItems(made, made.indexOf("(") + 1).columns) found.set(column.name, column);
    }
    for (const { schema, name: parent } of table.parents) {
      const inherited = columnsOf(schema, parent, depth + 1);
      if (inherited === null) return null;
      for (const column of inherited) if (!found.has(column.name)) found.set(column.name, column);
    }
    // A column of both is one, at the parent's place, but computed or not as its own table says.
    for (const column of table.columns) if (type === null || !found.has(column.name)) found.set(column.name, column);
    return found.size > mostColumns ? null : [...found.values()];
  }
}

function keyOf(desc: string, namespace: string | null, name: string): string {
  return `${desc}\0${namespace ?? ""}\0${name}`;
}

interface ParsedTable {
  readonly columns: readonly TableColumn[];
  readonly parents: readonly Identifier[];
  readonly type: Identifier | null;
}

const qualified = `(?:(${identifierPattern})\\.)?(${identifierPattern})`;
const tableHead = new RegExp(
  `^(?:--[^\\n]*\\n|\\s)*CREATE (?:UNLOGGED )?TABLE ${qualified}(?: (OF|PARTITION OF) ${qualified})?\\s*`,
);

/** A CREATE TABLE of pg_dump (dumpTableSchema in pg_dump.c); null where the text is another. */
function parseTable(definition: string): ParsedTable | null {
  const head = tableHead.exec(definition);
  if (head === null) return null;
  const [whole, , , how, ofSchema, ofName] = head;
  const of = ofName === undefined ? null : { schema: unquote(ofSchema ?? ""), name: unquote(ofName) };
  const hasItems = definition[whole.length] === "(";
  if (!hasItems && of === null) return null;
  const { columns, end } = hasItems ? parseItems(definition, whole.length + 1) : { columns: [], end: whole.length };
  const parents: Identifier[] = how === "PARTITION OF" && of !== null ? [of] : [];
  const list = new RegExp(`^\\s*INHERITS \\((${qualified}(?:, ${qualified})*)\\)`).exec(definition.slice(end))?.[1];
  for (const [, schema = "", name = ""] of (list ?? "").matchAll(new RegExp(qualified, "g")))
    parents.push({ schema: unquote(schema), name: unquote(name) });
  return { columns, parents, type: how === "OF" ? of : null };
}

const token = /"(?:[^"]|"")*"|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|[()[\],]|[^"'()[\],eE]+|[eE"']/gsy;
const itemName = new RegExp(`^\\s*(${identifierPattern})`);
/** What begins a constraint; a column of this name is quoted. */
const constraint = /^\s*(?:CONSTRAINT|NOT|CHECK|PRIMARY|UNIQUE|FOREIGN|EXCLUDE|LIKE)\b/;

/** The items behind an opening parenthesis, and where they end, behind the closing one. */
function parseItems(text: string, start: number): { columns: TableColumn[]; end: number } {
  const columns: TableColumn[] = [];
  let [depth, itemStart] = [0, start];
  token.lastIndex = start;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [mark] = match;
    if (mark === "(" || mark === "[") depth++;
    else if ((mark === ")" || mark === "]") && depth > 0) depth--;
    else if (depth === 0 && (mark === "," || mark === ")")) {
      takeItem(text.slice(itemStart, match.index));
      itemStart = token.lastIndex;
      if (mark === ")") return { columns, end: token.lastIndex };
    }
  }
  return { columns, end: text.length };

  function takeItem(item: string): void {
    const [, name] = itemName.exec(item) ?? [];
    if (name === undefined || constraint.test(item)) return;
    // In a string of a default it would stand behind DEFAULT, which no generated column has.
    const isGenerated = / GENERATED ALWAYS AS \(/.test(item.split(" DEFAULT ", 1)[0] ?? "");
    columns.push({ name: unquote(name), isGenerated });
  }
}
