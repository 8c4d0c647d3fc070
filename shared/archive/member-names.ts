import { AppError } from "../error/app-error.ts";

/** What pg_dump calls the files of a directory archive and the members of a tar archive, without a compression's suffix. */
const dataMember = /^\d{1,10}\.dat$/;
const largeObjectIndex = /^blobs(?:_\d{1,10})?\.toc$/;
const largeObject = /^blob_\d{1,10}\.dat$/;

/** Suffixes that pg_dump and pg_restore know, and what they mean. A user may compress any file of a directory archive. */
export const memberSuffixes = [
  ["", "none"],
  [".gz", "gzip"],
  [".lz4", "lz4"],
  [".zst", "zstd"],
] as const;

/**
 * Checks the name of a member that a table of contents or an index of large objects gives. pg_restore would open any path
 * that stands there (CVE-2026-116314: `../../etc/passwd` went to the server as rows).
 * @throws archive.hostile
 */
export function checkMemberName(name: string): string {
  if (dataMember.test(name) || largeObjectIndex.test(name) || largeObject.test(name)) return name;
  throw new AppError("archive.hostile", "The archive names a file that no pg_dump writes.", {
    detail: name.slice(0, 1000),
  });
}

/** True for a file that belongs to a directory archive, compressed or not. */
export function isMemberName(name: string): boolean {
  const bare = name.replace(/\.(?:gz|lz4|zst)$/, "");
  return bare === "toc.dat" || dataMember.test(bare) || largeObjectIndex.test(bare) || largeObject.test(bare);
}

/** One large object in an index. */
export interface IndexedLargeObject {
  readonly oid: number;
  readonly member: string;
}

/**
 * Reads an index of large objects, `blobs.toc` or `blobs_<dump ID>.toc` (pg_backup_directory.c and pg_backup_tar.c). A real
 * line of pg_dump 17: `16412 blob_16412.dat`.
 * @throws archive.damaged, archive.hostile
 */
export function parseLargeObjectIndex(text: string): IndexedLargeObject[] {
  const found: IndexedLargeObject[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, oid = "", member = ""] = /^(\d{1,10}) (.+)$/.exec(line) ?? [];
    // The number 0 ends a list of large objects; none has it.
    if (member === "" || !isObjectNumber(Number(oid)))
      throw new AppError("archive.damaged", "The index of large objects is damaged.", { detail: line.slice(0, 1000) });
    found.push({ oid: Number(oid), member: checkMemberName(member) });
  }
  return found;
}

/** True for what PostgreSQL numbers objects with: OIDs, from 1 to 2^32 - 1. */
export function isObjectNumber(value: number): boolean {
  return value >= 1 && value <= 0xffffffff;
}
