import { countLineFeeds } from "../../shared/lanes/count-lines.ts";

/** Counts of one table's COPY text. */
export interface CopyTextCounts {
  readonly rows: number;
  /** Uncompressed bytes without the end mark. */
  readonly rawBytes: number;
}

/** Counts line feeds of uncompressed COPY text and remembers its last bytes, to see the end mark. */
export interface CopyTextTally {
  add(bytes: Uint8Array, start: number, end: number): void;
  /** What was added, the end mark included once it has come. */
  soFar(): CopyTextCounts;
  /** null: the text does not end in COPY's end mark. */
  total(): CopyTextCounts | null;
}

/** pg_dump closes a table's data with `\.` and two empty lines (pg_dump.c, dumpTableData_copy). */
const END_MARK = Buffer.from("\\.\n\n\n");
const END_MARK_LINE_FEEDS = 3;

/** Begins at nothing. */
export function createCopyTextTally(): CopyTextTally {
  let lineFeeds = 0;
  let bytesSeen = 0;
  let tail = Buffer.alloc(0);
  return {
    add(bytes, start, end) {
      lineFeeds += countLineFeeds(bytes, start, end);
      bytesSeen += end - start;
      const last = Buffer.from(bytes.subarray(Math.max(start, end - END_MARK.length), end));
      tail = last.length === END_MARK.length ? last : Buffer.concat([tail, last]).subarray(-END_MARK.length);
    },
    soFar: () => ({ rows: lineFeeds, rawBytes: bytesSeen }),
    total: () =>
      tail.equals(END_MARK) ? { rows: lineFeeds - END_MARK_LINE_FEEDS, rawBytes: bytesSeen - END_MARK.length } : null,
  };
}
