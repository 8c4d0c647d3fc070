import { AppError } from "../../shared/error/app-error.ts";

/** Bytes that an entry of a Map costs beside its two texts, roughly. */
const entryBytes = 120;

/**
 * Lines of one side that have not found their like on the other. A line is its bytes as Latin-1 text, one character a
 * byte. Without a key the whole line is the key, and equal ones are counted.
 */
export class HeldLines {
  readonly #lines = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @throws compare.keyNotUnique */
  add(key: string | null, line: string): void {
    if (key === null) {
      const count = this.#counts.get(line) ?? 0;
      this.#counts.set(line, count + 1);
      if (count === 0) this.#sizeBytes += line.length + entryBytes;
      return;
    }
    if (this.#lines.has(key)) throw keyNotUnique();
    this.#lines.set(key, line);
    this.#sizeBytes += key.length + line.length + entryBytes;
  }

  /** Takes the line of this key out; without a key, one line equal to this. Null where there is none. */
  take(key: string | null, line: () => string): string | null {
    if (key === null) return this.#takeEqual(line());
    const found = this.#lines.get(key);
    if (found === undefined) return null;
    this.#lines.delete(key);
    this.#sizeBytes -= key.length + found.length + entryBytes;
    return found;
  }

  #takeEqual(line: string): string | null {
    const count = this.#counts.get(line) ?? 0;
    if (count === 0) return null;
    if (count > 1) this.#counts.set(line, count - 1);
    else {
      this.#counts.delete(line);
      this.#sizeBytes -= line.length + entryBytes;
    }
    return line;
  }

  /** All of them, in the order they came; equal ones together. */
  *all(): Generator<string> {
    yield* this.#lines.values();
    for (const [line, count] of this.#counts) for (let at = 0; at < count; at++) yield line;
  }
}

/** The key's value stays out of it: it is somebody's data. */
export function keyNotUnique(): AppError {
  return new AppError("compare.keyNotUnique", "Several rows have the same key, so rows cannot be matched by it.");
}
