/** One column's values of a row group, as they gather: null is NULL. */
export interface ColumnValues {
  /** @returns about how many bytes of memory it takes */
  push(value: unknown): number;
  /** All of them, which are valid until the next is pushed; then it is empty. */
  take(): ArrayLike<unknown>;
}

/** Whatever they are. */
export function createValues(): ColumnValues {
  let values: unknown[] = [];
  return {
    push(value) {
      values.push(value);
      return placeBytes + (value instanceof Uint8Array ? value.length : 0);
    },
    take() {
      const taken = values;
      values = [];
      return taken;
    },
  };
}

const placeBytes = 8;

/** Whole numbers of 64 bits. Each is an object elsewhere; here they are eight bytes in memory that is used again. */
export function createLongs(): ColumnValues {
  let longs = new BigInt64Array(1024);
  let count = 0;
  const nulls: number[] = [];
  return {
    push(value) {
      if (count === longs.length) {
        const more = new BigInt64Array(count * 2);
        more.set(longs);
        longs = more;
      }
      if (typeof value === "bigint") longs[count] = value;
      else nulls.push(count);
      count += 1;
      return placeBytes;
    },
    take() {
      const values = longs.subarray(0, count);
      count = 0;
      if (nulls.length === 0) return values;
      const taken: (bigint | null)[] = Array.from(values);
      for (const at of nulls.splice(0)) taken[at] = null;
      return taken;
    },
  };
}

/** Texts, as the UTF-8 that the file has of them, one behind the other in memory that is used again. */
export function createTexts(): ColumnValues {
  let bytes = Buffer.allocUnsafeSlow(64 * 1024);
  let used = 0;
  /** Where each ends; NULL where it would begin, negative. */
  let ends: number[] = [];
  return {
    push(value) {
      if (typeof value !== "string") {
        ends.push(-1);
        return placeBytes;
      }
      // A character of UTF-16 is at most three bytes of UTF-8.
      const most = used + value.length * 3;
      if (most > bytes.length) {
        const more = Buffer.allocUnsafeSlow(Math.max(most, bytes.length * 2));
        bytes.copy(more, 0, 0, used);
        bytes = more;
      }
      const written = bytes.write(value, used);
      used += written;
      ends.push(used);
      return placeBytes + written;
    },
    take() {
      let start = 0;
      const taken = ends.map((end) => {
        if (end < 0) return null;
        const text = bytes.subarray(start, end);
        start = end;
        return text;
      });
      ends = [];
      used = 0;
      // One long text should not be remembered in the size of all that follow.
      if (bytes.length > mostKept) bytes = Buffer.allocUnsafeSlow(64 * 1024);
      return taken;
    },
  };
}

const mostKept = 32 * 1024 * 1024;
