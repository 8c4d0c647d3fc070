import { MAX_TOC_STRING_BYTES } from "../../shared/archive/limits.ts";
import { checkMemberName, type IndexedLargeObject, parseLargeObjectIndex } from "../../shared/archive/member-names.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import type { ArchiveHead } from "../../shared/archive/toc-reader.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { ArchiveExcerpt, DataRange, ExcerptOptions, LargeObject, StoredData } from "./archive.ts";
import { type ArchiveData, dataOf, holdsLargeObjects, noLargeObjects, noRows } from "./archive-data.ts";
import { type ArchiveMembers, type Member, readMember } from "./archive-members.ts";
import { decompress } from "./decompress.ts";
import { streamExcerpt } from "./streamed-excerpt.ts";

/** The data of a directory or tar archive: a member for each table and for each large object. */
export class MemberData implements ArchiveData {
  readonly #members: ArchiveMembers;
  readonly #head: ArchiveHead;
  readonly #sizes: () => Promise<ReadonlyMap<DumpId, number>>;

  /** @param sizes what ArchiveData.sizes gives, which one format has at hand and the other has to walk for */
  constructor(members: ArchiveMembers, head: ArchiveHead, sizes: () => Promise<ReadonlyMap<DumpId, number>>) {
    this.#members = members;
    this.#head = head;
    this.#sizes = sizes;
  }

  async range(entry: TocEntry, signal?: AbortSignal): Promise<DataRange> {
    const { name, offset, length } = await this.#find(this.#namesOf(entry), dataOf(entry), signal);
    return { member: name, offset, length };
  }

  sizes(): Promise<ReadonlyMap<DumpId, number>> {
    return this.#sizes();
  }

  async stored(entry: TocEntry, signal?: AbortSignal): Promise<StoredData> {
    if (holdsLargeObjects(entry)) throw noRows();
    return this.#storedMember(await this.#find(this.#namesOf(entry), dataOf(entry), signal), signal);
  }

  async *read(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { compressed, codec, where } = await this.stored(entry, signal);
    yield* decompress(compressed, codec, where);
  }

  async *readLargeObjects(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<LargeObject> {
    if (!holdsLargeObjects(entry)) throw noLargeObjects(entry);
    for (const { oid, member } of await this.readIndex(entry, signal)) {
      const found = await this.#find([member], `large object ${oid}`, signal);
      // Of an empty one lz4 and zstd write nothing at all into its file, not even a frame.
      const bytes = found.length === 0 ? nothing() : this.#readMember(found, signal);
      yield { oid, bytes };
    }
  }

  excerpt(ids: readonly DumpId[], options: ExcerptOptions): Promise<ArchiveExcerpt> {
    return Promise.resolve(streamExcerpt(this.#head, this, ids, options));
  }

  close(): Promise<void> {
    return this.#members.close();
  }

  /** @throws archive.hostile where it names what no pg_dump writes, archive.truncated, archive.damaged */
  async readIndex(entry: TocEntry, signal?: AbortSignal): Promise<IndexedLargeObject[]> {
    const found = await this.#find(this.#namesOf(entry), "the index of large objects", signal);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this.#readMember(found, signal)) {
      length += part.length;
      if (length > MAX_TOC_STRING_BYTES)
        throw new AppError("archive.limitExceeded", `The index of large objects ${found.name} is too long.`);
      parts.push(part);
    }
    return parseLargeObjectIndex(Buffer.concat(parts).toString("latin1"));
  }

  #readMember(member: Member, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    const { compressed, codec, where } = this.#storedMember(member, signal);
    return decompress(compressed, codec, where);
  }

  #storedMember(member: Member, signal: AbortSignal | undefined): StoredData {
    return { compressed: readMember(this.#members, member, signal), codec: member.codec, where: `in ${member.name}` };
  }

  /** A tar archive says `<dump ID>.dat` of large objects too, and calls their index as a directory archive does. */
  #namesOf(entry: TocEntry): string[] {
    const { dumpId } = entry;
    const name = checkMemberName(this.#head.memberOf(dumpId) ?? "");
    if (!holdsLargeObjects(entry) || name.endsWith(".toc")) return [name];
    return [`blobs_${dumpId}.toc`, "blobs.toc"];
  }

  async #find(names: readonly string[], what: string, signal: AbortSignal | undefined): Promise<Member> {
    for (const name of names) {
      // oxlint-disable-next-line no-await-in-loop -- two at most
      const found = await this.#members.find(name, signal);
      if (found !== null) return found;
    }
    throw new AppError("archive.truncated", `The archive lacks ${what}.`, {
      detail: `There is no ${names.join(" or ")}.`,
    });
  }
}

// oxlint-disable-next-line require-yield -- an object without bytes
async function* nothing(): AsyncGenerator<Uint8Array> {}
