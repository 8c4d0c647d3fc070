import type { BenchLine } from "../measure.ts";

type Unit = "ms" | "MB" | "kB" | "frames/s";

/** A figure that must stay below a limit. */
export function within(what: string, value: number, limit: number, unit: Unit): BenchLine {
  return line(what, value, unit, `< ${limit} ${unit}`, value < limit);
}

/** A figure that must reach a limit. */
export function atLeast(what: string, value: number, limit: number, unit: Unit): BenchLine {
  return line(what, value, unit, `>= ${limit} ${unit}`, value >= limit);
}

function line(what: string, value: number, unit: Unit, target: string, isMet: boolean): BenchLine {
  const digits = value < 10 ? 1 : 0;
  return { what, ours: `${value.toFixed(digits)} ${unit}`, theirs: "", ratio: "", target, isMet };
}
