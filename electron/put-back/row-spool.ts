import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { writeCopyLine } from "../../shared/compare/copy-line.ts";

/** Rows on their way into a script, as lines of COPY text in a private file. */
export class RowSpool {
  readonly #path: string;
  readonly #file: FileHandle;
  #count = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<RowSpool> {
    return new RowSpool(path, await open(path, "ax", 0o600));
  }

  get count(): number {
    return this.#count;
  }

  async add(rows: readonly CopyRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#file.writeFile(rows.map((row) => `${writeCopyLine(row)}\n`).join(""), "utf8");
    this.#count += rows.length;
  }

  /** Forgets all rows. */
  async clear(): Promise<void> {
    await this.#file.truncate(0);
    this.#count = 0;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const bytes: AsyncIterable<Uint8Array> = createReadStream(this.#path, { highWaterMark: 256 * 1024 });
    yield* bytes;
  }

  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
