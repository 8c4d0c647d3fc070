import { AppError } from "../error/app-error.ts";

/** A kind of file that is not a custom archive, told by its first bytes. */
interface Signature {
  readonly bytes: string;
  readonly what: string;
  readonly code: "archive.unsupportedFormat" | "archive.notAnArchive";
  readonly hint?: string;
}

const wrapped = "archive.unsupportedFormat";
const foreign = "archive.notAnArchive";
const scripts = ["--\n-- PostgreSQL database dump\n", "--\n-- PostgreSQL database cluster dump\n"];

/** Bytes are written as Latin-1 text. Order matters only where one signature contains another. */
const signatures: readonly Signature[] = [
  {
    bytes: "PK\x03\x04",
    what: "a zip file",
    code: wrapped,
    hint: "Unpack it first, then open what is inside.",
  },
  {
    bytes: "age-encryption.org/v1",
    what: "encrypted with age",
    code: wrapped,
    hint: "Decrypt it first with age, then open what comes out.",
  },
  {
    bytes: "-----BEGIN AGE ENCRYPTED FILE-----",
    what: "encrypted with age",
    code: wrapped,
    hint: "Decrypt it first with age, then open what comes out.",
  },
  {
    bytes: "Salted__",
    what: "encrypted with openssl enc",
    code: wrapped,
    hint: "Decrypt it first with openssl, then open what comes out.",
  },
  {
    bytes: "-----BEGIN PGP MESSAGE",
    what: "encrypted with PGP",
    code: wrapped,
    hint: "Decrypt it first with gpg, then open what comes out.",
  },
  { bytes: "SQLite format 3\0", what: "an SQLite database", code: foreign },
];

/** Start of a custom archive, and of the toc.dat of the other formats. */
const magic = "PGDMP";

/** What the first bytes of a file say that it is, where Lifeboat reads it. */
export type FileKind = "custom" | "tocFile" | "tar" | "plain" | Wrapper;

/** What a whole dump may be compressed with, as in `pg_dump -Fc | gzip`. */
export type Wrapper = "gzip" | "zstd" | "lz4" | "bzip2" | "xz";

const wrappers: readonly (readonly [start: string, kind: Wrapper])[] = [
  ["\x1f\x8b", "gzip"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["\x04\x22\x4d\x18", "lz4"],
  ["\xfd7zXZ\0", "xz"],
];

/** `BZh`, a size of 1 to 9, and what begins a block, or an empty stream's end: the three letters alone could begin a text. */
const bzip2Parts = ["\x31\x41\x59\x26\x53\x59", "\x17\x72\x45\x38\x50\x90"];

/** True for what a whole dump may be compressed with. */
export function isWrapper(kind: FileKind): kind is Wrapper {
  return kind === "bzip2" || wrappers.some(([, each]) => each === kind);
}

/** Position of the format in the header of a custom archive and of a toc.dat, which says tar there in both formats. */
const formatAt = 10;
const tarFormat = 3;

/**
 * What a file is by its first bytes, at least 512 where it has so many. Its name says nothing.
 * @throws as refuseForeignFile
 */
export function recogniseFile(bytes: Uint8Array): FileKind {
  // pg_dump -Ft always writes toc.dat as the first member; a directory archive packed by tar has a folder before it.
  if (startsWith(bytes, 257, "ustar") && startsWith(bytes, 0, "toc.dat\0")) return "tar";
  if (scripts.some((start) => startsWith(bytes, 0, start))) return "plain";
  const wrapper = wrappers.find(([start]) => startsWith(bytes, 0, start));
  if (wrapper !== undefined) return wrapper[1];
  if (startsWith(bytes, 0, "BZh") && bzip2Parts.some((start) => startsWith(bytes, 4, start))) return "bzip2";
  refuseForeignFile(bytes);
  return bytes[formatAt] === tarFormat ? "tocFile" : "custom";
}

/**
 * Returns when `bytes`, the beginning of a file, starts like an archive; otherwise says what the file is instead.
 * @throws archive.unsupportedFormat for dumps in another format and for wrapped files, archive.notAnArchive for the rest
 */
export function refuseForeignFile(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new AppError("archive.notAnArchive", "The file is empty.");
  if (startsWith(bytes, 0, magic.slice(0, bytes.length))) return;
  for (const { bytes: signature, what, code, hint } of signatures)
    if (startsWith(bytes, 0, signature))
      throw new AppError(code, `The file is ${what}, not a custom archive of pg_dump.`, { hint });
  if (startsWith(bytes, 257, "ustar"))
    throw new AppError("archive.unsupportedFormat", "The file is a tar file, not a custom archive of pg_dump.", {
      hint: "Unpack it first with tar, then open what is inside.",
    });
  if (looksLikeText(bytes))
    throw new AppError("archive.notAnArchive", "The file is text, not a custom archive of pg_dump.", {
      hint: "An SQL script runs with psql.",
    });
  throw new AppError("archive.notAnArchive", "The file is not an archive of pg_dump.");
}

function startsWith(bytes: Uint8Array, at: number, latin1: string): boolean {
  if (bytes.length < at + latin1.length) return false;
  for (let index = 0; index < latin1.length; index++) if (bytes[at + index] !== latin1.charCodeAt(index)) return false;
  return true;
}

function looksLikeText(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 512))
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) return false;
  return true;
}
