import type { ByteSource } from "./byte-source.ts";
import type { Codec, CompressedParts } from "./decompress.ts";
import { readRange } from "./read-range.ts";

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

/** A member's stored bytes in order. */
export function readMember(members: ArchiveMembers, member: Member, signal?: AbortSignal): CompressedParts {
  const end = member.offset + member.length;
  let position = member.offset;
  async function* parts(): AsyncGenerator<Uint8Array> {
    const source = await members.open(member);
    try {
      for await (const bytes of readRange(source, { start: member.offset, end }, signal)) {
        position += bytes.length;
        yield bytes;
      }
    } finally {
      await source.close();
    }
  }
  return { parts: parts(), isOver: () => position >= end };
}
