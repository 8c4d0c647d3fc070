import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RowsPage } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { type RowFilter, takesEveryRow } from "../../../shared/rows/row-filter.ts";
import { useClient } from "../../client/client-context.ts";
import { archiveStoreOf } from "./archive-store.ts";
import type { RowValues } from "./model/row-text.ts";

export const PAGE_ROWS = 200;

/** Rows of one object as far as they have been read. */
export interface LoadedRows {
  readonly columns: RowsPage["columns"];
  readonly rows: readonly RowValues[];
  /** `row:column` of values that are longer than what was sent. */
  readonly cut: ReadonlySet<string>;
  /** There are no more rows. */
  readonly isEnd: boolean;
  /** Rows of the table that were looked at for these. */
  readonly readRows: number;
  /** As RowsPage has it. */
  readonly damage: string | null;
}

export interface RowsState {
  /** null before the first page. */
  readonly loaded: LoadedRows | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
  /** Rows were being looked for, and somebody stopped it. */
  readonly isStopped: boolean;
  /** Reads the next page, unless one is on its way or there is none. */
  readOn(): void;
  /** Looks for no more rows; `readOn` goes on. */
  stop(): void;
}

interface Inner {
  readonly key: string;
  readonly loaded: LoadedRows | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
  readonly isStopped: boolean;
}

const nothing = { loaded: null, error: null, isLoading: true, isStopped: false } as const;

/** One reading that goes on until it has a page. */
interface Reading {
  readonly key: string;
  isStopped: boolean;
}

/** Reads an object's rows page by page; another object or filter begins anew, and one that is left is not read on. */
export function useRows(path: string, rowsId: number, filter: RowFilter): RowsState {
  const store = archiveStoreOf(useClient());
  const key = JSON.stringify([path, rowsId, filter.where, filter.search]);
  const [state, setState] = useState<Inner>({ key, ...nothing });
  const current = useRef(state);
  useLayoutEffect(() => {
    current.current = state;
  }, [state]);
  const reading = useRef<Reading | null>(null);
  const { where, search } = filter;

  const readOn = useCallback(() => {
    const { loaded, key: loadedKey } = current.current;
    if (reading.current?.key === key || (loadedKey === key && loaded?.isEnd === true)) return;
    const own: Reading = { key, isStopped: false };
    reading.current = own;
    const change = (next: (last: Inner) => Inner) => setState((last) => (last.key === key ? next(last) : last));
    setState((last) =>
      last.key === key ? { ...last, error: null, isLoading: true, isStopped: false } : { key, ...nothing },
    );

    async function readPage(): Promise<void> {
      const first = loadedKey === key ? (loaded?.rows.length ?? 0) : 0;
      for (let count = 0; count < PAGE_ROWS && !own.isStopped; ) {
        const page: { offset: number; limit: number } = { offset: first + count, limit: PAGE_ROWS - count };
        // oxlint-disable-next-line no-await-in-loop -- a filtered page ends after a moment; the next one goes on from there
        const answer = await store.ask("archive.rows", { dumpId: rowsId, ...page, where: [...where], search });
        if (reading.current !== own) return;
        count += answer.rows.length;
        change((last) => ({ ...last, loaded: append(last.loaded, answer) }));
        if (answer.isEnd || takesEveryRow({ where, search })) break;
      }
      change((last) => ({ ...last, isLoading: false, isStopped: own.isStopped && last.loaded?.isEnd !== true }));
    }

    void readPage()
      .catch((thrown: unknown) => change((last) => ({ ...last, error: toErrorValue(thrown), isLoading: false })))
      .finally(() => {
        if (reading.current === own) reading.current = null;
      });
  }, [store, key, rowsId, where, search]);

  const stop = useCallback(() => {
    if (reading.current !== null) reading.current.isStopped = true;
  }, []);

  useEffect(() => {
    if (current.current.key !== key || current.current.loaded === null) readOn();
    return () => {
      // What is left is not looked through any further; its answers come to nobody.
      if (reading.current?.key === key) reading.current = null;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the key says all that readOn depends on
  }, [key]);

  const isStale = state.key !== key;
  return {
    loaded: isStale ? null : state.loaded,
    error: isStale ? null : state.error,
    isLoading: isStale || state.isLoading,
    isStopped: !isStale && state.isStopped,
    readOn,
    stop,
  };
}

function append(before: LoadedRows | null, page: RowsPage): LoadedRows {
  const { columns, isEnd, readRows, damage } = page;
  const first = before?.rows.length ?? 0;
  const cut = new Set(before?.cut);
  for (const [row, column] of page.cut) cut.add(`${first + row}:${column}`);
  return { columns, rows: [...(before?.rows ?? []), ...page.rows], cut, isEnd, readRows, damage };
}

/** One row with its values as long as they are; null where there is none. */
export async function readWholeRow(
  store: ReturnType<typeof archiveStoreOf>,
  rowsId: number,
  { where, search }: RowFilter,
  offset: number,
): Promise<RowValues | null> {
  for (;;) {
    const args = { dumpId: rowsId, offset, limit: 1, where: [...where], search, whole: true };
    // oxlint-disable-next-line no-await-in-loop -- a filtered page ends after a moment
    const page = await store.ask("archive.rows", args);
    const [row] = page.rows;
    if (row !== undefined || page.isEnd) return row ?? null;
  }
}
