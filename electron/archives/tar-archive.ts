import { MAX_TOC_BYTES } from "../../shared/archive/limits.ts";
import { readTarHeader, TAR_RECORD_BYTES } from "../../shared/archive/tar-header.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { readTocFile } from "../../shared/archive/toc-reader.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive } from "./archive.ts";
import type { ArchiveMembers, Member } from "./archive-members.ts";
import type { ByteSource } from "./byte-source.ts";
import { createArchive } from "./create-archive.ts";
import { MemberData } from "./member-data.ts";
import { nodeDecoding } from "./node-decoding.ts";
import type { ArchiveSource } from "./open-source.ts";
import { SlidingWindow } from "./sliding-window.ts";

/**
 * Opens a tar archive: ustar, `toc.dat` first, then a member for each table and each large object, found by walking from
 * header to header as far as is asked for. pg_restore is never given its path: it takes entries only in the order they lie
 * in, and some that are cut send it into an endless loop.
 * @param source which the archive owns from then on
 * @throws as openArchive
 */
export async function openTarArchive(path: string, source: ArchiveSource): Promise<Archive> {
  const members = tarMembers(source);
  const tocFile = await members.find("toc.dat");
  if (tocFile === null)
    throw new AppError("archive.unsupportedFormat", "The file is a tar file, not a tar archive of pg_dump.", {
      hint: "Unpack it first with tar, then open what is inside.",
    });
  if (tocFile.length > MAX_TOC_BYTES)
    throw new AppError("archive.limitExceeded", `The table of contents is over ${MAX_TOC_BYTES} bytes.`);
  const head = readTocFile(await source.read(tocFile.offset, tocFile.length), nodeDecoding);
  const { sizeBytes, isEncrypted } = source;
  return createArchive(
    {
      path,
      sizeBytes,
      isEncrypted,
      opensByPath: false,
      header: head.header,
      toc: head.toc,
      tocBytes: tocFile.length,
      hasOffsets: true,
      damage: null,
    },
    new MemberData(members, head, async () => {
      const sizes = new Map<DumpId, number>();
      const lengths = await members.all();
      for (const { dumpId } of head.toc) {
        const length = lengths.get(head.memberOf(dumpId) ?? "");
        if (length !== undefined) sizes.set(dumpId, length);
      }
      return sizes;
    }),
  );
}

interface TarMembers extends ArchiveMembers {
  /** Lengths of all members by name, as far as they can be walked to. */
  all(): Promise<ReadonlyMap<string, number>>;
}

function tarMembers(source: ByteSource): TarMembers {
  const window = new SlidingWindow(source);
  const found = new Map<string, Member>();
  let position = 0;
  let isEnd = false;
  let walking: Promise<unknown> = Promise.resolve();

  /** Reads the next header. The first member of a name counts. */
  async function step(): Promise<void> {
    const view = await window.view(position, TAR_RECORD_BYTES);
    const header = readTarHeader(
      view === null ? null : view.bytes.subarray(view.at, view.at + TAR_RECORD_BYTES),
      position,
    );
    if (header === null) {
      isEnd = true;
      return;
    }
    const { name, length } = header;
    const offset = position + TAR_RECORD_BYTES;
    const end = offset + length;
    if (end > source.sizeBytes)
      throw new AppError("archive.truncated", "The archive ends too early.", {
        detail: `The member ${name} at byte ${position} goes beyond the end of the file.`,
      });
    if (header.isFile && !found.has(name)) found.set(name, { name, offset, length, codec: "none" });
    position = end + ((TAR_RECORD_BYTES - (length % TAR_RECORD_BYTES)) % TAR_RECORD_BYTES);
  }

  /** One walk at a time: all of them move the same position. */
  function walkTo(name: string | null, signal: AbortSignal | undefined): Promise<Member | null> {
    const walk = walking.then(async () => {
      const isWanted = () => name === null || !found.has(name);
      while (!isEnd && isWanted()) {
        signal?.throwIfAborted();
        // oxlint-disable-next-line no-await-in-loop -- each header says where the next one is
        await step();
      }
      return name === null ? null : (found.get(name) ?? null);
    });
    walking = walk.catch(() => {});
    return walk;
  }

  return {
    find: async (name, signal) => found.get(name) ?? walkTo(name, signal),
    async all() {
      // What cannot be walked to is an error of what lies there, not of the list.
      await walkTo(null, undefined).catch(() => null);
      return new Map(Array.from(found.values(), (member) => [member.name, member.length]));
    },
    open: async () => sharedSource(source),
    close: () => source.close(),
  };
}

/** The archive's source as a member's reader sees it: closing it closes nothing. */
function sharedSource(source: ByteSource): ByteSource {
  return {
    sizeBytes: source.sizeBytes,
    read: (offset, length) => source.read(offset, length),
    expect: (offset, length) => source.expect?.(offset, length),
    close: async () => {},
  };
}
