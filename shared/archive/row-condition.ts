import { parseName } from "../command/names.ts";
import { AppError } from "../error/app-error.ts";
import type { CopyRow } from "./copy-text.ts";

/** True for the rows a person asked for. */
export type RowTest = (row: CopyRow) => boolean;

const operators = ["is not null", "is null", "like", "!=", "<>", "<=", ">=", "=", "<", ">", "~"] as const;
const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Reads `column op value`: one of `= != <> < <= > >= ~ like`, or `column is null`, `column is not null`. The value may
 * stand in single quotes. Two values that both look like numbers are compared as numbers, exactly, all others as text by
 * code point, whatever the column's type or collation. NULL never matches but with `is null`. `~` takes a JavaScript
 * regular expression, which is PostgreSQL's in all common cases.
 * @throws usage.invalid
 */
export function parseRowCondition(text: string, columns: readonly string[]): RowTest {
  const match = /^\s*("(?:[^"]|"")*"|[^\s"=!<>~]+)\s*(.*)$/s.exec(text);
  if (match === null) throw badCondition(text, "it does not begin with a column");
  const [, columnText = "", rest = ""] = match;
  const column = parseName(columnText).name;
  const index = columns.indexOf(column);
  if (index < 0) throw badCondition(text, `there is no column ${column}. The columns are: ${columns.join(", ")}`);
  const lower = rest.toLowerCase();
  const operator = operators.find((each) => lower.startsWith(each) && isWhole(each, lower));
  if (operator === undefined)
    throw badCondition(text, `no operator follows the column; there are ${operators.join(", ")}`);
  const value = rest.slice(operator.length).trim();
  if (operator === "is null" || operator === "is not null") {
    if (value !== "") throw badCondition(text, `nothing can follow ${operator}`);
    return operator === "is null" ? (row) => row[index] === null : (row) => row[index] !== null;
  }
  if (value === "") throw badCondition(text, "the value is missing; an empty one is written ''");
  return onValue(index, testOf(operator, unquote(value), text));
}

/** A word is an operator only where it ends as a word. */
function isWhole(operator: string, text: string): boolean {
  return !/\w/.test(operator.at(-1) ?? "") || !/\w/.test(text.charAt(operator.length));
}

function onValue(index: number, test: (value: string) => boolean): RowTest {
  return (row) => {
    const value = row[index];
    return typeof value === "string" && test(value);
  };
}

function testOf(operator: string, wanted: string, text: string): (value: string) => boolean {
  switch (operator) {
    case "like":
      return matches(likePattern(wanted), "su", text);
    case "~":
      return matches(wanted, "u", text);
    case "=":
      return (value) => compareValues(value, wanted) === 0;
    case "!=":
    case "<>":
      return (value) => compareValues(value, wanted) !== 0;
    case "<":
      return (value) => compareValues(value, wanted) < 0;
    case "<=":
      return (value) => compareValues(value, wanted) <= 0;
    case ">":
      return (value) => compareValues(value, wanted) > 0;
    default:
      return (value) => compareValues(value, wanted) >= 0;
  }
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

/** Below, at or above zero, as the first is before, equal to or behind the second. */
export function compareValues(one: string, other: string): number {
  if (numeric.test(one) && numeric.test(other)) return compareNumbers(one, other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Decimal numbers of any length without rounding; with an exponent as floating point numbers. */
function compareNumbers(one: string, other: string): number {
  if (/e/i.test(one) || /e/i.test(other)) return Number(one) - Number(other);
  const [first, second] = [takeApart(one), takeApart(other)];
  if (first.sign !== second.sign) return first.sign - second.sign;
  const size =
    first.whole.length - second.whole.length ||
    compareText(first.whole, second.whole) ||
    compareText(first.fraction, second.fraction);
  return size * first.sign;
}

function takeApart(text: string): { sign: number; whole: string; fraction: string } {
  const [whole = "", fraction = ""] = text.replace(/^[+-]/, "").split(".");
  const digits = { whole: whole.replace(/^0+/, ""), fraction: fraction.replace(/0+$/, "") };
  if (digits.whole === "" && digits.fraction === "") return { sign: 0, ...digits };
  return { sign: text.startsWith("-") ? -1 : 1, ...digits };
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function unquote(value: string): string {
  return /^'(?:[^']|'')*'$/s.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value;
}

function badCondition(text: string, reason: string): AppError {
  return new AppError("usage.invalid", `The condition ${JSON.stringify(text)} cannot be used: ${reason}.`, {
    hint: 'Write it as column, operator, value: --where "total >= 100" or --where "note is null".',
  });
}
