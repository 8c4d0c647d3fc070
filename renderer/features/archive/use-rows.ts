import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RowsPage } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
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
}

export interface RowsState {
  /** null before the first page. */
  readonly loaded: LoadedRows | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
  /** Reads the next page, unless one is on its way or there is none. */
  readOn(): void;
}

interface Inner {
  readonly key: string;
  readonly loaded: LoadedRows | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
}

const nothing = { loaded: null, error: null, isLoading: true } as const;

/** Reads an object's rows page by page; another object or condition begins anew. */
export function useRows(path: string, rowsId: number, where: string | null): RowsState {
  const store = archiveStoreOf(useClient());
  const key = JSON.stringify([path, rowsId, where]);
  const [state, setState] = useState<Inner>({ key, ...nothing });
  const current = useRef(state);
  useLayoutEffect(() => {
    current.current = state;
  }, [state]);
  const isAsking = useRef<string | null>(null);

  const readOn = useCallback(() => {
    const { loaded, key: loadedKey } = current.current;
    if (isAsking.current === key || (loadedKey === key && loaded?.isEnd === true)) return;
    isAsking.current = key;
    const offset = loadedKey === key ? (loaded?.rows.length ?? 0) : 0;
    setState((last) => (last.key === key ? { ...last, error: null, isLoading: true } : { key, ...nothing }));
    store
      .ask("archive.rows", { dumpId: rowsId, offset, limit: PAGE_ROWS, where })
      .then(
        (page) =>
          setState((last) =>
            last.key === key ? { key, loaded: append(last.loaded, page), error: null, isLoading: false } : last,
          ),
        (thrown: unknown) =>
          setState((last) => (last.key === key ? { ...last, error: toErrorValue(thrown), isLoading: false } : last)),
      )
      .finally(() => {
        if (isAsking.current === key) isAsking.current = null;
      });
  }, [store, key, rowsId, where]);

  useEffect(() => {
    if (current.current.key !== key || current.current.loaded === null) readOn();
  }, [key, readOn]);

  const isStale = state.key !== key;
  return {
    loaded: isStale ? null : state.loaded,
    error: isStale ? null : state.error,
    isLoading: isStale || state.isLoading,
    readOn,
  };
}

function append(before: LoadedRows | null, page: RowsPage): LoadedRows {
  const first = before?.rows.length ?? 0;
  const cut = new Set(before?.cut);
  for (const [row, column] of page.cut) cut.add(`${first + row}:${column}`);
  return { columns: page.columns, rows: [...(before?.rows ?? []), ...page.rows], cut, isEnd: page.isEnd };
}
