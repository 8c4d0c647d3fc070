import { type LineCounts, type LineDifference, matchLines, TooManyHeld } from "./match-lines.ts";

/** Rows out of their place that are held at a time, in bytes; a table with more is read in several passes. */
const mostHeldBytes = 256 * 1024 * 1024;
/** More passes would not help: single rows are that long. */
const mostParts = 512;

/** Where differing lines go as they are found. */
export interface LineSink {
  take(differences: readonly LineDifference[]): Promise<void>;
  /** Forget all that was taken: it comes again. */
  restart(): Promise<void>;
}

/**
 * matchLines in bounded memory: where too many lines wait for their like, both sides are read again, a part of the keys at a
 * time.
 * @param backup reads one side anew, `live` the other
 * @throws compare.keyNotUnique; what the streams throw
 */
export async function matchInParts(
  backup: () => AsyncIterable<Uint8Array>,
  live: () => AsyncIterable<Uint8Array>,
  keyFields: readonly number[],
  sink: LineSink,
  options: { readonly mostHeldBytes?: number },
): Promise<LineCounts> {
  for (let parts = 1; ; parts *= 8) {
    try {
      let counts: LineCounts = { backup: 0, live: 0 };
      for (let index = 0; index < parts; index++) {
        // oxlint-disable-next-line no-await-in-loop -- each pass reads all of both sides
        counts = await matchLines(backup(), live(), {
          keyFields,
          mostHeldBytes: parts >= mostParts ? Number.POSITIVE_INFINITY : (options.mostHeldBytes ?? mostHeldBytes),
          part: { index, count: parts },
          take: (differences) => sink.take(differences),
        });
      }
      return counts;
    } catch (error) {
      if (!(error instanceof TooManyHeld)) throw error;
      // oxlint-disable-next-line no-await-in-loop -- a second time only where the first was not enough
      await sink.restart();
    }
  }
}
