import type { ComparedRow, CompareView } from "../../../shared/contract/views.ts";

/** Rows that are to be put back; null: all of that kind, those that are not shown too. */
export interface Ticks {
  readonly missing: ReadonlySet<string> | null;
  readonly changed: ReadonlySet<string> | null;
}

export type TickedKind = keyof Ticks;

/** What is gone comes back unless somebody says otherwise; what has another value may have it for a reason. */
export const firstTicks: Ticks = { missing: null, changed: new Set() };

/** A row's key as one text; null where it has none and cannot be put back. */
export function tickKey({ key }: ComparedRow): string | null {
  return key === null ? null : JSON.stringify(key);
}

export function isTicked(ticks: Ticks, kind: TickedKind, key: string): boolean {
  return ticks[kind]?.has(key) ?? true;
}

export function countTicked(ticks: Ticks, view: CompareView): number {
  return (ticks.missing?.size ?? view.counts.missing) + (ticks.changed?.size ?? view.counts.changed);
}

/** All of a kind ticked, none, or some. */
export function tickOfAll(ticks: Ticks, kind: TickedKind): boolean | "mixed" {
  const chosen = ticks[kind];
  if (chosen === null) return true;
  return chosen.size === 0 ? false : "mixed";
}

/** One row ticked or not; where all were, those that are shown stay ticked. */
export function tickRow(ticks: Ticks, kind: TickedKind, view: CompareView, key: string, isOn: boolean): Ticks {
  const shown = view.rows.flatMap((row) => (row.kind === kind ? (tickKey(row) ?? []) : []));
  const chosen = new Set(ticks[kind] ?? shown);
  if (isOn) chosen.add(key);
  else chosen.delete(key);
  return { ...ticks, [kind]: chosen.size === view.counts[kind] ? null : chosen };
}

export function tickAll(ticks: Ticks, kind: TickedKind, isOn: boolean): Ticks {
  return { ...ticks, [kind]: isOn ? null : new Set<string>() };
}

/** As putBack.plan takes them. */
export function keysOf(chosen: ReadonlySet<string> | null): string[][] | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- tickKey has written them
  return chosen === null ? null : [...chosen].map((key) => JSON.parse(key) as string[]);
}
