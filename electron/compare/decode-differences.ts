import { type CopyRow, CopyTextReader } from "../../shared/archive/copy-text.ts";
import { mayDifferInText } from "../../shared/compare/match-columns.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import type { Session } from "../postgres/connect.ts";
import type { Comparison, RowDifference } from "./comparison.ts";
import type { LineDifference } from "./match-lines.ts";
import { type NormalizedColumn, normalizeRows } from "./normalize.ts";

/** Lines as rows; rows that only look changed are left out. */
export type DecodeDifferences = (differences: readonly LineDifference[]) => Promise<RowDifference[]>;

/**
 * @param openSession for values to be read by their live types: another session than the one that is copying; null: there
 *   is no server to ask, and texts that differ are values that differ
 */
export function createDecoder(comparison: Comparison, openSession: (() => Promise<Session>) | null): DecodeDifferences {
  const { compared } = comparison.match;
  const unsteady = compared.flatMap((column, place): NormalizedColumn[] =>
    mayDifferInText(column) ? [{ place, type: column.live.type }] : [],
  );
  const decode = (lines: readonly string[]): CopyRow[] => {
    const reader = new CopyTextReader({
      columns: compared.length,
      encoding: comparison.rows.encoding,
      decode: nodeDecoding,
      where: "of the table",
    });
    return reader.push(Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1"));
  };
  return async (differences) => {
    const backups = decode(differences.flatMap((each) => (each.kind === "added" ? [] : [each.backup])));
    const lives = decode(differences.flatMap((each) => (each.kind === "missing" ? [] : [each.live])));
    const rows = differences.map((each): RowDifference => {
      if (each.kind === "missing") return { kind: "missing", backup: backups.shift() ?? [] };
      if (each.kind === "added") return { kind: "added", live: lives.shift() ?? [] };
      const backup = backups.shift() ?? [];
      const live = lives.shift() ?? [];
      return { kind: "changed", backup, live, changed: differingPlaces(backup, live) };
    });
    return openSession === null ? rows : dropSeeming(rows, unsteady, openSession);
  };
}

/** Asks the server about changed rows in which an unsteady column differs. */
async function dropSeeming(
  rows: readonly RowDifference[],
  unsteady: readonly NormalizedColumn[],
  openSession: () => Promise<Session>,
): Promise<RowDifference[]> {
  const places = new Set(unsteady.map(({ place }) => place));
  const isDoubtful = (row: RowDifference) => row.kind === "changed" && row.changed.some((place) => places.has(place));
  const doubtful = rows.filter(isDoubtful).flatMap((row) => (row.kind === "changed" ? [row] : []));
  if (doubtful.length === 0) return [...rows];
  const session = await openSession();
  const read = await normalizeRows(
    session,
    doubtful.map(({ backup }) => backup),
    unsteady,
  );
  const settled = new Map<RowDifference, readonly number[]>();
  for (const [at, row] of doubtful.entries()) {
    const normalized = read[at] ?? [];
    settled.set(
      row,
      row.changed.filter((place) => normalized[place] !== row.live[place]),
    );
  }
  return rows.flatMap((row): RowDifference[] => {
    const changed = settled.get(row);
    if (changed === undefined || row.kind !== "changed") return [row];
    return changed.length === 0 ? [] : [{ ...row, changed }];
  });
}

function differingPlaces(one: CopyRow, other: CopyRow): number[] {
  return one.flatMap((value, place) => (value === other[place] ? [] : [place]));
}
