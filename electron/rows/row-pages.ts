import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { type RowFilter, takesEveryRow } from "../../shared/rows/row-filter.ts";
import type { Archive } from "../archives/archive.ts";
import { type FoundRows, readRows } from "./read-rows.ts";

/** A stretch of a table's rows. */
export interface Rows {
  readonly rows: readonly CopyRow[];
  /** There are none after these. With a filter it may be found out only by the next page, which is empty then. */
  readonly isEnd: boolean;
  /** Rows of the table that were looked at so far to find these and all before them. */
  readonly readRows: number;
}

export interface RowPages {
  /**
   * With a filter a page ends after a moment, with what was found by then, though more may follow: ask for the next one
   * to go on, or do not, to stop.
   * @param offset rows that the filter lets pass to pass over
   * @throws archive.*, usage.invalid for a filter that makes no sense
   */
  read(id: DumpId, filter: RowFilter, offset: number, limit: number): Promise<Rows>;
  close(): void;
}

const mostCursors = 4;
/** How long a filtered page looks for its rows. */
const mostMs = 250;

/**
 * Rows of an archive by page. A page that follows the one before is read on from where that ended, because an archive can
 * only be read forwards; a few such places are kept.
 */
export function createRowPages(archive: Archive): RowPages {
  const cursors = new Map<string, RowCursor>();

  function cursorFor(id: DumpId, filter: RowFilter, offset: number): RowCursor {
    const key = JSON.stringify([id, filter.where, filter.search]);
    const known = cursors.get(key);
    cursors.delete(key);
    const cursor = known !== undefined && known.willBeAt <= offset ? known : new RowCursor(archive, id, filter);
    if (cursor !== known) known?.retire();
    cursors.set(key, cursor);
    const [oldest] = cursors.keys();
    if (cursors.size > mostCursors && oldest !== undefined) {
      cursors.get(oldest)?.retire();
      cursors.delete(oldest);
    }
    return cursor;
  }

  return {
    read: (id, filter, offset, limit) => cursorFor(id, filter, offset).read(offset, limit),
    close() {
      for (const cursor of cursors.values()) cursor.close();
      cursors.clear();
    },
  };
}

/** A page ends early where its values are very long; one row always fits. */
const mostCharacters = 32_000_000;

function fitting(held: readonly CopyRow[], limit: number): number {
  let characters = 0;
  for (let count = 0; count < Math.min(limit, held.length); count += 1) {
    for (const value of held[count] ?? []) characters += value?.length ?? 0;
    if (characters > mostCharacters) return Math.max(1, count);
  }
  return Math.min(limit, held.length);
}

/** One pass over a table's rows, stopped between pages. */
class RowCursor {
  readonly #batches: AsyncIterator<FoundRows>;
  readonly #controller = new AbortController();
  readonly #isFiltered: boolean;
  #held: CopyRow[] = [];
  #ended = false;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Where it is once all reads that were asked for are done. */
  willBeAt = 0;
  #at = 0;
  #readRows = 0;

  constructor(archive: Archive, id: DumpId, filter: RowFilter) {
    this.#isFiltered = !takesEveryRow(filter);
    this.#batches = readRows(archive, id, filter, { signal: this.#controller.signal });
  }

  /** Reads wait for each other. */
  read(offset: number, limit: number): Promise<Rows> {
    this.willBeAt = offset + limit;
    this.#waiting += 1;
    const next = this.#queue
      .then(() => this.#readPage(offset, limit))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.willBeAt = this.#at;
      });
    this.#queue = next.catch(() => null);
    return next;
  }

  /** Ends it at once: nobody wants what was asked for. */
  close(): void {
    this.#controller.abort();
    this.retire();
  }

  /** Ends it when everything that was asked for is answered. */
  retire(): void {
    void this.#queue.then(() => this.#batches.return?.()).catch(() => null);
  }

  async #readPage(offset: number, limit: number): Promise<Rows> {
    const deadline = this.#isFiltered ? performance.now() + mostMs : Infinity;
    while (this.#at < offset && (await this.#fill(1, deadline)))
      this.#at += this.#held.splice(0, offset - this.#at).length;
    // One row more tells whether there are more; with a filter, looking for it could mean reading all the rest.
    if (this.#at === offset || !this.#isFiltered) await this.#fill(this.#isFiltered ? limit : limit + 1, deadline);
    const rows = this.#at < offset ? [] : this.#held.splice(0, fitting(this.#held, limit));
    this.#at += rows.length;
    return { rows, isEnd: this.#ended && this.#held.length === 0, readRows: this.#readRows };
  }

  /** Holds at least so many rows, where there are so many and time; false where none is held. */
  async #fill(count: number, deadline: number): Promise<boolean> {
    while (this.#held.length < count && !this.#ended && performance.now() < deadline) {
      const { done, value } = await this.#batches.next();
      if (done === true) this.#ended = true;
      else {
        this.#readRows += value.readRows;
        this.#held = this.#held.concat(value.rows);
      }
    }
    return this.#held.length > 0;
  }
}
