import type { ByteSource } from "./byte-source.ts";
import type { Codec, CompressedParts } from "./decompress.ts";

/** A file of a directory archive or a member of a tar archive. */
export interface Member {
  /** As it is stored: `4012.dat.gz`. */
  readonly name: string;
  /** In the tar archive; 0 for a file. */
  readonly offset: number;
  readonly length: number;
  readonly codec: Codec;
}

/** The files a directory or tar archive is made of. */
export interface ArchiveMembers {
  /** The member with this name, which may be stored with a compression's suffix; null where there is none. */
  find(name: string, signal?: AbortSignal): Promise<Member | null>;
  /** Where a member can be read, from its offset on. */
  open(member: Member): Promise<ByteSource>;
  close(): Promise<void>;
}

/** The first read of a member; later ones double up to `largestRead`, so that a glance reads little. */
const firstRead = 32 * 1024;
const largestRead = 1024 * 1024;

/** A member's stored bytes in order; the next ones are read while these are used. */
export function readMember(members: ArchiveMembers, member: Member, signal?: AbortSignal): CompressedParts {
  let isOver = member.length === 0;
  async function* parts(): AsyncGenerator<Uint8Array> {
    const source = await members.open(member);
    try {
      const end = member.offset + member.length;
      let position = member.offset;
      let size = firstRead;
      const start = () => {
        const reading = source.read(position, Math.min(size, end - position));
        // Told where it is awaited, if anybody still wants it then.
        reading.catch(() => {});
        return reading;
      };
      let reading = start();
      while (position < end) {
        const bytes = await reading;
        signal?.throwIfAborted();
        if (bytes.length === 0) return;
        position += bytes.length;
        isOver = position >= end;
        size = Math.min(largestRead, size * 2);
        if (!isOver) reading = start();
        yield bytes;
      }
    } finally {
      await source.close();
    }
  }
  return { parts: parts(), isOver: () => isOver };
}
