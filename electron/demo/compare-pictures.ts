import { type FactKind, factKinds } from "./picture-queries.ts";
import type { Fact, Picture, RowsOf } from "./take-picture.ts";

/** A thing that is not what it was. */
export interface Difference {
  readonly kind: FactKind | "rows";
  readonly name: string;
  readonly on: string | null;
  /** null: it was not there. */
  readonly before: string | null;
  /** null: it is not there. */
  readonly after: string | null;
}

/** One line of the proof. */
export interface KindProof {
  readonly kind: FactKind;
  readonly before: number;
  readonly after: number;
  readonly same: boolean;
}

export interface RowsProof {
  readonly table: string;
  readonly before: RowsOf | null;
  readonly after: RowsOf | null;
  readonly same: boolean;
  /** It had been dropped. */
  readonly wasLost: boolean;
}

/** Whether everything is as it was. */
export interface Proof {
  readonly same: boolean;
  readonly rows: readonly RowsProof[];
  readonly kinds: readonly KindProof[];
  readonly differences: readonly Difference[];
}

/** What is not the same in two pictures, in the order of `factKinds`, rows first. */
export function findDifferences(before: Picture, after: Picture): Difference[] {
  return [...differingRows(before, after), ...differingFacts(before, after)];
}

/** Compares the database before the drop with the database after the restore. */
export function prove(before: Picture, lost: readonly Difference[], after: Picture): Proof {
  const differences = findDifferences(before, after);
  const differing = new Set(differences.map(({ kind }) => kind));
  const lostTables = new Set(
    lost.filter(({ kind, after: left }) => kind === "rows" && left === null).map(({ name }) => name),
  );
  return {
    same: differences.length === 0,
    rows: namesOf(before, after).map((table) => {
      const [was, is] = [before.rows.get(table) ?? null, after.rows.get(table) ?? null];
      return { table, before: was, after: is, same: was?.md5 === is?.md5, wasLost: lostTables.has(table) };
    }),
    kinds: kindsInOrder.flatMap((kind) => {
      const [was, is] = [before, after].map(({ facts }) => facts.filter((fact) => fact.kind === kind).length);
      if (!was && !is) return [];
      return [{ kind, before: was ?? 0, after: is ?? 0, same: !differing.has(kind) }];
    }),
    differences,
  };
}

const kindsInOrder = Object.keys(factKinds).filter((kind): kind is FactKind => kind in factKinds);

function differingRows(before: Picture, after: Picture): Difference[] {
  return namesOf(before, after).flatMap((name) => {
    const [was, is] = [before.rows.get(name), after.rows.get(name)];
    if (was?.md5 === is?.md5) return [];
    return [{ kind: "rows" as const, name, on: null, before: describeRows(was), after: describeRows(is) }];
  });
}

function namesOf(before: Picture, after: Picture): string[] {
  return [...new Set([...before.rows.keys(), ...after.rows.keys()])].toSorted();
}

function describeRows(rows: RowsOf | undefined): string | null {
  return rows === undefined ? null : `${rows.count} rows, md5 ${rows.md5}`;
}

function differingFacts(before: Picture, after: Picture): Difference[] {
  const [was, is] = [textsOf(before.facts), textsOf(after.facts)];
  const differing = new Map<string, Fact>();
  for (const fact of [...before.facts, ...after.facts]) {
    const key = keyOf(fact);
    if (was.get(key) !== is.get(key)) differing.set(key, fact);
  }
  const found = [...differing].map(([key, { kind, name, on }]) => {
    return { kind, name, on, before: was.get(key) ?? null, after: is.get(key) ?? null };
  });
  return found.toSorted((a, b) => rankOf(a) - rankOf(b) || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function textsOf(facts: readonly Fact[]): Map<string, string> {
  return new Map(facts.map((fact) => [keyOf(fact), fact.text]));
}

function keyOf({ kind, name, on }: Pick<Fact, "kind" | "name" | "on">): string {
  return JSON.stringify([kind, on, name]);
}

function rankOf({ kind }: Pick<Fact, "kind">): number {
  return kindsInOrder.indexOf(kind);
}
