import type { LargeObjectsPage } from "../../shared/contract/views.ts";
import type { Archive } from "../archives/archive.ts";
import { type ListedLargeObject, listLargeObjects } from "./large-objects.ts";

export interface LargeObjectPages {
  /**
   * A stretch of the list. It ends after a moment with what was found by then, though more may follow: ask for the next one
   * to go on, or do not, to stop.
   * @param offset large objects to pass over
   * @throws archive.*
   */
  read(offset: number, limit: number): Promise<LargeObjectsPage>;
  close(): void;
}

/** How long one page reads on. */
const mostMs = 250;

/**
 * The large objects of an archive by page. Their sizes stand nowhere, so all of them are read, once: what was found is kept,
 * and a page goes on from there.
 */
export function createLargeObjectPages(archive: Archive): LargeObjectPages {
  let controller = new AbortController();
  let reading = listLargeObjects(archive, controller.signal);
  let found: ListedLargeObject[] = [];
  let sizeBytes = 0;
  let isEnd = false;
  /** The one that is being read; a page that ends before it is leaves it to the next. */
  let coming: Promise<void> | null = null;

  async function readNext(): Promise<void> {
    const { done, value } = await reading.next();
    if (done === true) isEnd = true;
    else {
      found.push(value);
      sizeBytes += value.sizeBytes;
    }
  }

  /** What failed is tried anew by whoever asks again. */
  function startAnew(): void {
    controller = new AbortController();
    reading = listLargeObjects(archive, controller.signal);
    found = [];
    sizeBytes = 0;
  }

  return {
    async read(offset, limit) {
      const deadline = performance.now() + mostMs;
      while (!isEnd && found.length < offset + limit) {
        const left = deadline - performance.now();
        if (left <= 0) break;
        coming ??= readNext().finally(() => {
          coming = null;
        });
        try {
          // oxlint-disable-next-line no-await-in-loop -- one after the other, as they lie in the archive
          await Promise.race([coming, passed(left)]);
        } catch (error) {
          startAnew();
          throw error;
        }
      }
      const objects = found.slice(offset, offset + limit);
      return {
        objects,
        foundCount: found.length,
        foundBytes: sizeBytes,
        isEnd: isEnd && found.length <= offset + limit,
      };
    },
    close() {
      controller.abort();
      coming?.catch(() => null);
      void reading.return(undefined).catch(() => null);
    },
  };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
