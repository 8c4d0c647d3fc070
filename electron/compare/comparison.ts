import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { ChosenKey } from "../../shared/compare/choose-key.ts";
import type { ColumnMatch } from "../../shared/compare/match-columns.ts";
import type { ArchivedRows } from "../archives/archived-rows.ts";
import type { LiveTable } from "./live-table.ts";

/** What was asked for. */
export interface CompareRequest {
  /** A name as SQL writes it, or a dump ID. */
  readonly table: string;
  /** The live table where it is called otherwise. */
  readonly liveTable: string | null;
  /** Columns of the key to compare by; none: whole rows; null: the best there is. */
  readonly key: readonly string[] | null;
  /** Archived column → what it is called now. */
  readonly renames: ReadonlyMap<string, string>;
  /** `here` reads both sides and needs no privilege but SELECT; `server` uses a temporary table; null: whichever fits. */
  readonly way: "here" | "server" | null;
}

/** A comparison that is ready to be made. */
export interface Comparison {
  readonly live: LiveTable;
  readonly archived: { readonly schema: string | null; readonly name: string };
  readonly match: ColumnMatch;
  readonly key: ChosenKey;
  readonly way: "here" | "server";
  readonly rows: ArchivedRows;
  /** Sentences for people: what cannot be compared, and why. */
  readonly notes: readonly string[];
}

/**
 * A row that differs. Values are texts as PostgreSQL writes them, in the order of the compared columns.
 * `changed` holds the places of the columns that differ.
 */
export type RowDifference =
  | { readonly kind: "missing"; readonly backup: CopyRow }
  | { readonly kind: "changed"; readonly backup: CopyRow; readonly live: CopyRow; readonly changed: readonly number[] }
  | { readonly kind: "added"; readonly live: CopyRow };

/** Where differences go as they are found. */
export interface DifferenceSink {
  take(differences: readonly RowDifference[]): Promise<void>;
  /** Forget all that was taken: it comes again. */
  restart(): Promise<void>;
}

export interface ComparisonCounts {
  /** In the archive and not in the live table. */
  readonly missing: number;
  readonly changed: number;
  /** In the live table and not in the archive. */
  readonly added: number;
  readonly same: number;
}
