import type { CopyRow } from "../archive/copy-text.ts";
import { formatName, parseName } from "../command/names.ts";
import { AppError } from "../error/app-error.ts";
import { type CompareTo, compareTo } from "./compare-values.ts";
import type { RowColumn } from "./row-columns.ts";
import { kindOfType } from "./value-type.ts";

/** True for the rows a person asked for. */
export type RowTest = (row: CopyRow) => boolean;

/** What can stand between column and value; `<>` is read as `!=`. */
export const rowOperators = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "contains",
  "like",
  "~",
  "in",
  "is null",
  "is not null",
] as const;
export type RowOperator = (typeof rowOperators)[number];

/** One condition, read but for its value's meaning. */
export interface RowCondition {
  readonly column: string;
  readonly operator: RowOperator;
  /** One value; several for `in`, none for `is null` and `is not null`. */
  readonly values: readonly string[];
}

/** Longer ones first, so that none hides another. */
const spellings = [...rowOperators, "<>" as const].toSorted((one, other) => other.length - one.length);

/**
 * Reads `column op value`. The value may stand in single quotes; the values of `in` stand in parentheses, with commas
 * between them.
 * @throws usage.invalid
 */
export function parseRowCondition(text: string): RowCondition {
  const match = /^\s*("(?:[^"]|"")*"|[^\s"=!<>~]+)\s*(.*)$/s.exec(text);
  if (match === null) throw badCondition(text, "it does not begin with a column");
  const [, columnText = "", rest = ""] = match;
  const column = parseName(columnText).name;
  const lower = rest.toLowerCase();
  const spelling = spellings.find((each) => lower.startsWith(each) && isWhole(each, lower));
  if (spelling === undefined)
    throw badCondition(text, `no operator follows the column; there are ${rowOperators.join(", ")}`);
  const operator = spelling === "<>" ? "!=" : spelling;
  const value = rest.slice(spelling.length).trim();
  if (operator === "is null" || operator === "is not null") {
    if (value !== "") throw badCondition(text, `nothing can follow ${operator}`);
    return { column, operator, values: [] };
  }
  if (operator === "in") return { column, operator, values: parseList(value, text) };
  if (value === "") throw badCondition(text, "the value is missing; an empty one is written ''");
  return { column, operator, values: [unquote(value)] };
}

/** A condition as parseRowCondition reads it, whatever its values hold. */
export function formatRowCondition({ column, operator, values }: RowCondition): string {
  const head = `${formatName(null, column)} ${operator}`;
  const quoted = values.map((value) => `'${value.replaceAll("'", "''")}'`);
  if (operator === "in") return `${head} (${quoted.join(", ")})`;
  return quoted.length === 0 ? head : `${head} ${quoted[0] ?? ""}`;
}

/**
 * A condition as a test of rows. Values are compared by the column's type (compare-values.ts), and NULL matches only
 * `is null`. `like` is PostgreSQL's; `contains` looks for a text in any case; `~` takes a JavaScript regular expression, which is
 * PostgreSQL's in all common cases.
 * @throws usage.invalid for a column that is not there and a value that is none of its type
 */
export function testOfCondition(text: string, columns: readonly RowColumn[]): RowTest {
  const condition = parseRowCondition(text);
  const index = columns.findIndex(({ name }) => name === condition.column);
  const column = columns[index];
  if (column === undefined) {
    const names = columns.map(({ name }) => formatName(null, name)).join(", ");
    throw badCondition(text, `there is no column ${condition.column}. The columns are: ${names}`);
  }
  if (condition.operator === "is null") return (row) => row[index] === null;
  if (condition.operator === "is not null") return (row) => row[index] !== null;
  const test = testOfValue(condition, column, text);
  return (row) => {
    const value = row[index];
    return typeof value === "string" && test(value);
  };
}

function testOfValue({ operator, values }: RowCondition, column: RowColumn, text: string): (value: string) => boolean {
  const [wanted = ""] = values;
  switch (operator) {
    case "contains": {
      const pattern = containing(wanted);
      return (value) => pattern.test(value);
    }
    case "like":
      return matches(likePattern(wanted), "su", text);
    case "~":
      return matches(wanted, "u", text);
    case "in": {
      const all = values.map((each) => comparer(each, column, text));
      return (value) => all.some((compare) => compare(value) === 0);
    }
    default:
      return orderTest(operator, comparer(wanted, column, text));
  }
}

function comparer(wanted: string, { name, type }: RowColumn, text: string): CompareTo {
  const compare = compareTo(kindOfType(type), wanted);
  if (compare === null)
    throw badCondition(text, `${JSON.stringify(wanted)} is no ${type ?? "value"} as ${name} holds them`);
  return compare;
}

function orderTest(operator: RowOperator, compare: CompareTo): (value: string) => boolean {
  switch (operator) {
    case "=":
      return (value) => compare(value) === 0;
    case "!=":
      return (value) => compare(value) !== 0;
    case "<":
      return (value) => compare(value) < 0;
    case "<=":
      return (value) => compare(value) <= 0;
    case ">":
      return (value) => compare(value) > 0;
    default:
      return (value) => compare(value) >= 0;
  }
}

/** Finds a text wherever it stands, in upper or lower case alike. */
export function containing(text: string): RegExp {
  return new RegExp(text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`), "iu");
}

/** A word is an operator only where it ends as a word. */
function isWhole(operator: string, text: string): boolean {
  return !/\w/.test(operator.at(-1) ?? "") || !/\w/.test(text.charAt(operator.length));
}

function matches(pattern: string, flags: string, text: string): (value: string) => boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, flags);
  } catch (error) {
    throw badCondition(text, error instanceof Error ? error.message : "the pattern is not valid");
  }
  return (value) => expression.test(value);
}

/** LIKE as a regular expression: % any text, _ any character, a backslash takes the next character as it is. */
function likePattern(pattern: string): string {
  const body = pattern.replaceAll(/\\(.)|[%_]|[$()*+./?[\\\]^{|}-]/gsu, (found, escaped: string | undefined) => {
    if (found === "%") return ".*";
    if (found === "_") return ".";
    return (escaped ?? found).replace(/[$()*+./?[\\\]^{|}]/u, "\\$&");
  });
  return `^${body}$`;
}

function parseList(value: string, text: string): string[] {
  const item = /\s*('(?:[^']|'')*'|[^',()]+?)\s*([,)])/y;
  if (!value.startsWith("(")) throw badCondition(text, "in takes values in parentheses: in (1, 2)");
  const values: string[] = [];
  item.lastIndex = 1;
  for (;;) {
    const match = item.exec(value);
    if (match === null) throw badCondition(text, "the values in parentheses cannot be read: in (1, 'two, three')");
    values.push(unquote(match[1] ?? ""));
    if (match[2] === ",") continue;
    if (item.lastIndex < value.length) throw badCondition(text, "nothing can follow the parentheses");
    return values;
  }
}

function unquote(value: string): string {
  return /^'(?:[^']|'')*'$/s.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value;
}

function badCondition(text: string, reason: string): AppError {
  return new AppError("usage.invalid", `The condition ${JSON.stringify(text)} cannot be used: ${reason}.`, {
    hint: 'Write it as column, operator, value: --where "total >= 100" or --where "note is null".',
  });
}
