import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { parseRowCondition, type RowTest } from "../../shared/archive/row-condition.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Archive } from "./archive.ts";

/** A stretch of a table's rows. */
export interface Rows {
  readonly rows: readonly CopyRow[];
  /** There are none after these. With a condition it may be found out only by the next page, which is empty then. */
  readonly isEnd: boolean;
}

export interface RowPages {
  /**
   * @param offset matching rows to pass over
   * @throws archive.*, usage.invalid for a condition that makes no sense
   */
  read(id: DumpId, where: string | null, offset: number, limit: number): Promise<Rows>;
  close(): void;
}

const mostCursors = 4;

/**
 * Rows of an archive by page. A page that follows the one before is read on from where that ended, because an archive can
 * only be read forwards; a few such places are kept.
 */
export function createRowPages(archive: Archive): RowPages {
  const cursors = new Map<string, RowCursor>();

  function cursorFor(id: DumpId, where: string | null, offset: number): RowCursor {
    const key = `${id} ${where ?? ""}`;
    const known = cursors.get(key);
    cursors.delete(key);
    const cursor = known !== undefined && known.willBeAt <= offset ? known : new RowCursor(archive, id, where);
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
    read: (id, where, offset, limit) => cursorFor(id, where, offset).read(offset, limit),
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
  readonly #batches: AsyncIterator<CopyRow[]>;
  readonly #controller = new AbortController();
  readonly #test: RowTest | null;
  #held: CopyRow[] = [];
  #ended = false;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Where it is once all reads that were asked for are done. */
  willBeAt = 0;
  #at = 0;

  constructor(archive: Archive, id: DumpId, where: string | null) {
    const columns = archive.columns(id);
    this.#test = where === null || where.trim() === "" ? null : parseRowCondition(where, columns);
    this.#batches = archive.readRows(id, { signal: this.#controller.signal })[Symbol.asyncIterator]();
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
    while (this.#at < offset && (await this.#fill(1))) this.#at += this.#held.splice(0, offset - this.#at).length;
    // One row more tells whether there are more; with a condition, looking for it could mean reading all the rest.
    await this.#fill(this.#test === null ? limit + 1 : limit);
    const rows = this.#held.splice(0, fitting(this.#held, limit));
    this.#at += rows.length;
    return { rows, isEnd: this.#ended && this.#held.length === 0 };
  }

  /** Holds at least so many rows, where there are so many; false where none is held. */
  async #fill(count: number): Promise<boolean> {
    while (this.#held.length < count && !this.#ended) {
      const { done, value } = await this.#batches.next();
      if (done === true) this.#ended = true;
      else this.#held = this.#held.concat(this.#test === null ? value : value.filter(this.#test));
    }
    return this.#held.length > 0;
  }
}
