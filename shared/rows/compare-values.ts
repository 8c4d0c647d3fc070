import { compareTimes, parseTime } from "./compare-times.ts";
import type { ValueKind } from "./value-type.ts";

/** Below, at or above zero, as a row's value is before, equal to or behind the value it was made for. */
export type CompareTo = (value: string) => number;

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Compares with one value by the rules of a type:
 * - number: exact decimals of any length, `1e3` is 1000; NaN is the largest, as PostgreSQL has it
 * - time: instants where both have a zone, else the clock as it stands there
 * - boolean: true, t, yes, on, 1 are `t`; uuid and bytea: in lower case; character(n): without the blanks at its end
 * - text and json: by code point
 * - other: as numbers where both look like numbers, else by code point
 * @returns null where the value is not one of the type
 */
export function compareTo(kind: ValueKind, wanted: string): CompareTo | null {
  switch (kind) {
    case "number":
      return toNumber(wanted);
    case "time":
      return toTime(wanted);
    case "boolean": {
      const truth = truthOf(wanted);
      return truth === null ? null : (value) => compareText(value, truth);
    }
    case "uuid": {
      const uuid = wanted.toLowerCase().replaceAll(/[{}]/g, "");
      return (value) => compareText(value, uuid);
    }
    case "bytea": {
      const bytes = wanted.toLowerCase();
      return (value) => compareText(value, bytes);
    }
    case "padded": {
      const text = wanted.replace(/ +$/, "");
      return (value) => compareText(value.replace(/ +$/, ""), text);
    }
    case "other":
      return (value) => compareLoosely(value, wanted);
    default:
      return (value) => compareText(value, wanted);
  }
}

/** Two values of one column whose type nobody says: numbers where both look like numbers, else by code point. */
export function compareLoosely(one: string, other: string): number {
  return numeric.test(one) && numeric.test(other) ? compareNumbers(one, other) : compareText(one, other);
}

/** By code point, as PostgreSQL's collation "C" orders UTF-8. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [first, second] = [one.charCodeAt(at), other.charCodeAt(at)];
    // A half of a surrogate pair stands for a character behind all that have but one unit.
    if (first !== second) return lift(first) - lift(second);
  }
  return one.length - other.length;
}

function lift(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

function toNumber(wanted: string): CompareTo | null {
  const special = rankOf(wanted);
  if (special === null && !numeric.test(wanted)) return null;
  return (value) => {
    const rank = rankOf(value);
    if (rank !== null || special !== null) return (rank ?? 0) - (special ?? 0);
    return compareNumbers(value, wanted);
  };
}

/** What is no number of digits, in its place around them; null for one that is. */
function rankOf(text: string): number | null {
  switch (text.toLowerCase()) {
    case "nan":
      return 2;
    case "infinity":
      return 1;
    case "-infinity":
      return -1;
    default:
      return null;
  }
}

/** So many characters hold at most 15 digits, which a floating point number tells apart and orders. */
const exactCharacters = 15;

function compareNumbers(one: string, other: string): number {
  if (one.length <= exactCharacters && other.length <= exactCharacters) {
    const isPlain = !/e/i.test(one) && !/e/i.test(other);
    if (isPlain) return Number(one) - Number(other);
  }
  const [first, second] = [takeApart(one), takeApart(other)];
  if (first.sign !== second.sign) return first.sign - second.sign;
  const size = first.point - second.point || compareText(first.digits, second.digits);
  return size * first.sign;
}

/** Sign, digits without zeros around them, and how many of them (or how many zeros less) stand before the point. */
function takeApart(text: string): { sign: number; digits: string; point: number } {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().replace(/^[+-]/, "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = whole + fraction;
  const digits = all.replace(/^0+/, "").replace(/0+$/, "");
  if (digits === "") return { sign: 0, digits, point: 0 };
  const leading = all.length - all.replace(/^0+/, "").length;
  return { sign: text.startsWith("-") ? -1 : 1, digits, point: whole.length - leading + Number(exponent) };
}

function toTime(wanted: string): CompareTo | null {
  const time = parseTime(wanted.toLowerCase() === "infinity" ? "infinity" : wanted);
  if (time === null) return null;
  return (value) => {
    const other = parseTime(value);
    return other === null ? compareText(value, wanted) : compareTimes(other, time);
  };
}

function truthOf(text: string): "t" | "f" | null {
  const word = text.trim().toLowerCase();
  if (["t", "true", "y", "yes", "on", "1"].includes(word)) return "t";
  return ["f", "false", "n", "no", "off", "0"].includes(word) ? "f" : null;
}
