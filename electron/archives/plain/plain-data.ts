import { truncatedAt } from "../../../shared/archive/header.ts";
import type { PlainData } from "../../../shared/archive/plain/plain-entry.ts";
import type { DumpId, TocEntry } from "../../../shared/archive/toc-entry.ts";
import type { ArchiveHead } from "../../../shared/archive/toc-reader.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ArchiveExcerpt, DataRange, ExcerptOptions, LargeObject } from "../archive.ts";
import { type ArchiveData, dataOf, holdsLargeObjects, noLargeObjects, noRows } from "../archive-data.ts";
import type { ByteSource } from "../byte-source.ts";
import { readRange } from "../read-range.ts";
import { streamExcerpt } from "../streamed-excerpt.ts";
import { readLargeObjectStatements } from "./large-object-statements.ts";

/** An archive's data ends in two empty lines behind COPY's end mark; a script's does, but they are nobody's there. */
const afterEndMark = Buffer.from("\n\n");

/** The data of a plain script, where the index says it is. */
export class PlainScriptData implements ArchiveData {
  readonly #source: ByteSource;
  readonly #head: ArchiveHead;
  readonly #data: ReadonlyMap<DumpId, PlainData>;

  constructor(source: ByteSource, head: ArchiveHead, data: ReadonlyMap<DumpId, PlainData>) {
    this.#source = source;
    this.#head = head;
    this.#data = data;
  }

  range(entry: TocEntry): Promise<DataRange> {
    const { start, end } = this.#find(entry);
    return Promise.resolve({ member: null, offset: start, length: end - start });
  }

  async sizes(): Promise<ReadonlyMap<DumpId, number>> {
    return new Map(Array.from(this.#data, ([id, { start, end }]) => [id, end - start]));
  }

  stored(): Promise<null> {
    return Promise.resolve(null);
  }

  async *read(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const data = this.#find(entry);
    if (data.kind === "largeObjects") throw noRows();
    yield* this.#readStatements(data, signal);
    if (data.kind === "copy") yield afterEndMark;
  }

  async *readLargeObjects(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<LargeObject> {
    if (!holdsLargeObjects(entry)) throw noLargeObjects(entry);
    yield* readLargeObjectStatements(this.#readStatements(this.#find(entry), signal));
  }

  excerpt(ids: readonly DumpId[], options: ExcerptOptions): Promise<ArchiveExcerpt> {
    return Promise.resolve(streamExcerpt(this.#head, this, ids, options));
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** The index puts the end of what a cut script does not finish behind that of the file. */
  async *#readStatements({ start, end }: PlainData, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const { sizeBytes } = this.#source;
    yield* readRange(this.#source, { start, end: Math.min(end, sizeBytes) }, signal);
    if (end > sizeBytes) throw truncatedAt(sizeBytes, "the script ends among the statements with the data");
  }

  #find(entry: TocEntry): PlainData {
    const found = this.#data.get(entry.dumpId);
    if (found === undefined) throw new AppError("archive.damaged", `The script has no place for ${dataOf(entry)}.`);
    return found;
  }
}
