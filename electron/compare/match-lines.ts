import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import { HeldLines } from "./held-lines.ts";
import { LineReader } from "./line-reader.ts";

/** A line that the two sides do not share; lines are bytes as Latin-1 text, without the line feed. */
export type LineDifference =
  | { readonly kind: "missing"; readonly backup: string }
  | { readonly kind: "changed"; readonly backup: string; readonly live: string }
  | { readonly kind: "added"; readonly live: string };

export interface LineMatching {
  /** Fields that make the key, counted from 0; empty: the whole line is. */
  readonly keyFields: readonly number[];
  /** Lines that may be held at a time, in bytes. */
  readonly mostHeldBytes: number;
  /** Only keys of this part are matched; the lines of all others pass by. */
  readonly part: { readonly index: number; readonly count: number };
  take(differences: readonly LineDifference[]): Promise<void>;
}

/** Lines of each side, those of other parts too. */
export interface LineCounts {
  readonly backup: number;
  readonly live: number;
}

/** More lines wait for their like than may be held: to be done again in more parts. */
export class TooManyHeld extends Error {}

/**
 * Finds the lines that two streams of COPY text do not share, whatever order they come in, by their bytes themselves and
 * not by a hash. Where the two go on alike, as a table and its older copy mostly do, stretches of bytes are compared at
 * once; around a difference, lines are held until their like comes by.
 * @throws TooManyHeld; compare.keyNotUnique; what the streams throw
 */
export async function matchLines(
  backup: AsyncIterable<Uint8Array>,
  live: AsyncIterable<Uint8Array>,
  matching: LineMatching,
): Promise<LineCounts> {
  const matcher = new LineMatcher(new LineReader(backup), new LineReader(live), matching);
  try {
    return await matcher.run();
  } finally {
    await matcher.close();
  }
}

interface Side {
  readonly reader: LineReader;
  readonly held: HeldLines;
  readonly isBackup: boolean;
  lines: number;
}

const smallestStretch = 4096;
const largestStretch = 1 << 20;
const batchSize = 1000;

class LineMatcher {
  readonly #backup: Side;
  readonly #live: Side;
  readonly #matching: LineMatching;
  #found: LineDifference[] = [];

  constructor(backup: LineReader, live: LineReader, matching: LineMatching) {
    this.#backup = { reader: backup, held: new HeldLines(), isBackup: true, lines: 0 };
    this.#live = { reader: live, held: new HeldLines(), isBackup: false, lines: 0 };
    this.#matching = matching;
  }

  async run(): Promise<LineCounts> {
    do await this.#passEqualStretches();
    while (
      // oxlint-disable-next-line no-await-in-loop -- one stream is one sequence
      await this.#passDifference()
    );
    await this.#drain(this.#backup);
    await this.#drain(this.#live);
    for (const backup of this.#backup.held.all()) await this.#report({ kind: "missing", backup });
    for (const live of this.#live.held.all()) await this.#report({ kind: "added", live });
    await this.#flush();
    return { backup: this.#backup.lines, live: this.#live.lines };
  }

  async close(): Promise<void> {
    await this.#backup.reader.close();
    await this.#live.reader.close();
  }

  /** Passes whole lines that are the same on both sides, until a line differs or one side has ended. */
  async #passEqualStretches(): Promise<void> {
    const one = this.#backup.reader;
    const other = this.#live.reader;
    let stretch = smallestStretch;
    for (;;) {
      /* oxlint-disable no-await-in-loop -- the next stretch begins where this one ends */
      if (one.unread === 0 && !(await one.fill())) return;
      if (other.unread === 0 && !(await other.fill())) return;
      const length = Math.min(one.unread, other.unread, stretch);
      const same = equalLength(one, other, length);
      const end = one.bytes.lastIndexOf(10, one.at + same - 1) + 1;
      const isWholeLine = same > 0 && end > one.at;
      if (isWholeLine) this.#passBoth(end - one.at);
      else if (same === length && length < stretch) {
        // Not one whole line: more of the side that has less.
        if (!(await (one.unread <= other.unread ? one : other).fill())) return;
      }
      if (same < length) return;
      // A line may be longer than the largest stretch.
      stretch = isWholeLine ? Math.min(stretch * 2, largestStretch) : stretch * 2;
      /* oxlint-enable no-await-in-loop */
    }
  }

  #passBoth(length: number): void {
    const { reader } = this.#backup;
    const lines = countLineFeeds(reader.bytes, reader.at, reader.at + length);
    this.#backup.lines += lines;
    this.#live.lines += lines;
    reader.at += length;
    this.#live.reader.at += length;
  }

  /**
   * Takes line after line of either side until the next lines are alike again; false where one side has ended. A side
   * whose line was awaited by the other is behind, so it goes on.
   */
  async #passDifference(): Promise<boolean> {
    const one = this.#backup.reader;
    const other = this.#live.reader;
    let turn = this.#backup;
    for (;;) {
      /* oxlint-disable no-await-in-loop -- line after line */
      if (one.lineEnd < 0 && !(await one.fillLine())) return false;
      if (other.lineEnd < 0 && !(await other.fillLine())) return false;
      if (nextLinesAreEqual(one, other)) return true;
      const wasAwaited = this.#takeLine(turn);
      if (this.#found.length >= batchSize) await this.#flush();
      if (!wasAwaited) turn = turn === this.#backup ? this.#live : this.#backup;
      /* oxlint-enable no-await-in-loop */
    }
  }

  async #drain(side: Side): Promise<void> {
    /* oxlint-disable no-await-in-loop -- line after line */
    while (side.reader.lineEnd >= 0 || (await side.reader.fillLine())) {
      this.#takeLine(side);
      if (this.#found.length >= batchSize) await this.#flush();
    }
    /* oxlint-enable no-await-in-loop */
  }

  /** Takes a side's next line and says whether the other side was waiting for it. */
  #takeLine(side: Side): boolean {
    const { reader } = side;
    const { bytes, at, lineEnd } = reader;
    const line = () => bytes.toString("latin1", at, lineEnd);
    const key = this.#keyOf(reader);
    reader.skipLine();
    side.lines++;
    if (!this.#isOurs(key ?? line())) return false;
    const other = side.isBackup ? this.#live : this.#backup;
    const found = other.held.take(key, line);
    if (found === null) {
      side.held.add(key, line());
      if (this.#backup.held.sizeBytes + this.#live.held.sizeBytes > this.#matching.mostHeldBytes)
        throw new TooManyHeld();
      return false;
    }
    const own = line();
    if (own !== found)
      this.#found.push(
        side.isBackup ? { kind: "changed", backup: own, live: found } : { kind: "changed", backup: found, live: own },
      );
    return true;
  }

  /** The next line's key fields as they stand; null where the whole line is the key, as where one of them is NULL. */
  #keyOf({ bytes, at, lineEnd }: LineReader): string | null {
    const { keyFields } = this.#matching;
    if (keyFields.length === 0) return null;
    const fields: string[] = [];
    const last = Math.max(...keyFields);
    const places: string[] = [];
    let start = at;
    for (let field = 0; field <= last; field++) {
      const tab = bytes.indexOf(9, start);
      const end = tab < 0 || tab > lineEnd ? lineEnd : tab;
      if (keyFields.includes(field)) places[field] = bytes.toString("latin1", start, end);
      start = end + 1;
    }
    for (const field of keyFields) {
      const text = places[field] ?? "";
      if (text === String.raw`\N`) return null;
      fields.push(text);
    }
    return fields.length === 1 ? (fields[0] ?? "") : fields.join("\t");
  }

  #isOurs(key: string): boolean {
    const { index, count } = this.#matching.part;
    return count === 1 || partOf(key, count) === index;
  }

  async #report(difference: LineDifference): Promise<void> {
    this.#found.push(difference);
    if (this.#found.length >= batchSize) await this.#flush();
  }

  async #flush(): Promise<void> {
    const found = this.#found;
    this.#found = [];
    if (found.length > 0) await this.#matching.take(found);
  }
}

/** How many of the next `length` bytes are the same on both sides. */
function equalLength(one: LineReader, other: LineReader, length: number): number {
  const isSame = (start: number, end: number) =>
    one.bytes.compare(other.bytes, other.at + start, other.at + end, one.at + start, one.at + end) === 0;
  if (isSame(0, length)) return length;
  let same = 0;
  let differs = length;
  while (differs - same > 1) {
    const middle = (same + differs) >> 1;
    if (isSame(same, middle)) same = middle;
    else differs = middle;
  }
  return same;
}

function nextLinesAreEqual(one: LineReader, other: LineReader): boolean {
  const length = one.lineEnd - one.at;
  return (
    length === other.lineEnd - other.at &&
    one.bytes.compare(other.bytes, other.at, other.lineEnd, one.at, one.lineEnd) === 0
  );
}

/** FNV-1a, to spread keys evenly. */
function partOf(key: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % count;
}
