import { useCallback, useEffect, useRef, useState } from "react";
import type { LargeObjectsPage } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { useClient } from "../../client/client-context.ts";
import { archiveStoreOf } from "./archive-store.ts";

/** The large objects of a database as far as they have been read. */
export interface LargeObjectsState {
  readonly objects: LargeObjectsPage["objects"];
  /** Bytes of all that were read. */
  readonly readBytes: number;
  readonly isEnd: boolean;
  readonly isLoading: boolean;
  readonly error: ErrorValue | null;
  /** Reads the next page, unless one is on its way or there is none. */
  readOn(): void;
}

const pageSize = 200;
const nothing = { objects: [], readBytes: 0, isEnd: false, isLoading: true, error: null } as const;

/**
 * Reads the list page by page. Their sizes stand nowhere, so that the services read all of their bytes: no further than to
 * what is looked at.
 * @param dumpId of any entry of the database
 */
export function useLargeObjects(dumpId: number): LargeObjectsState {
  const store = archiveStoreOf(useClient());
  const [state, setState] = useState<Omit<LargeObjectsState, "readOn">>(nothing);
  const current = useRef(state);
  const reading = useRef<object | null>(null);

  const readOn = useCallback(() => {
    const before = current.current;
    if (reading.current !== null || before.isEnd) return;
    const own = {};
    reading.current = own;
    const show = (change: Partial<LargeObjectsState>) => {
      if (reading.current !== own) return;
      current.current = { ...current.current, ...change };
      setState(current.current);
    };
    async function readPage(): Promise<void> {
      const wanted = before.objects.length + pageSize;
      while (reading.current === own && current.current.objects.length < wanted && !current.current.isEnd) {
        const { objects } = current.current;
        const limit = wanted - objects.length;
        // oxlint-disable-next-line no-await-in-loop -- a page ends after a moment; the next one goes on from there
        const page = await store.ask("archive.largeObjects", { dumpId, offset: objects.length, limit });
        show({ objects: [...objects, ...page.objects], readBytes: page.foundBytes, isEnd: page.isEnd });
      }
    }
    show({ isLoading: true, error: null });
    void readPage()
      .then(
        () => show({ isLoading: false }),
        (thrown: unknown) => show({ isLoading: false, error: toErrorValue(thrown) }),
      )
      .finally(() => {
        if (reading.current === own) reading.current = null;
      });
  }, [store, dumpId]);

  useEffect(() => {
    readOn();
    return () => {
      // What is left is not read any further.
      reading.current = null;
    };
  }, [readOn]);
  return { ...state, readOn };
}
