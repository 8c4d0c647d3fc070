import { AppError } from "../../shared/error/app-error.ts";

/** A hold of Object Lock on an object. */
export interface Hold {
  readonly mode: "GOVERNANCE" | "COMPLIANCE" | "legal hold";
  /** ISO time with zone; null: until somebody lifts it. */
  readonly until: string | null;
}

/** How an object in an archive class is being made readable, as stat tells it. */
export type Thaw =
  | { readonly state: "ongoing" }
  /** A copy that can be read, until then: an ISO time with zone; null where the storage does not say. */
  | { readonly state: "ready"; readonly until: string | null };

export const thawTiers = ["Standard", "Bulk", "Expedited"] as const;

export interface ThawOptions extends Abortable {
  /** How long the copy that can be read is to stay. */
  readonly days: number;
  /** How fast it is made, and how dear; Expedited is not for DEEP_ARCHIVE. */
  readonly tier: (typeof thawTiers)[number];
}

/** A file in a storage. */
export interface StoredObject {
  readonly kind: "object";
  /** From the storage's root, parts joined by `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** ISO time with zone; null where the storage does not say. */
  readonly modifiedAt: string | null;
  /** Changes whenever the content does: an S3 ETag, or size and time of a file. */
  readonly etag: string | null;
  /** What keeps it from being deleted; told by stat alone, left out where nothing does. */
  readonly hold?: Hold;
  /** True where it lies in an archive class (Glacier and the like) and has to be thawed before it can be read. */
  readonly archived: boolean;
  /** Told by stat alone, of what lies in an archive class and was asked to be thawed. */
  readonly thaw?: Thaw;
}

/** A folder in a storage; in S3, a prefix that keys share. */
export interface StoredFolder {
  readonly kind: "folder";
  readonly path: string;
}

/** What a storage says about itself. */
export interface StorageFacts {
  /** Whether an overwritten or deleted object can be had back. `unknown`: these credentials may not ask. */
  readonly versioning: "on" | "off" | "unknown";
  /** Whether objects can be held against deletion. */
  readonly objectLock: "on" | "off" | "unknown";
  /** How new objects are held by default: `COMPLIANCE, 30 days`; null for not at all. */
  readonly defaultRetention: string | null;
  /** How the backups that are written from here are held, whatever the default is; null for by the default. */
  readonly ownRetention: string | null;
  /** Null where there is no such bound, or the storage does not say. */
  readonly freeBytes: number | null;
}

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends Abortable {
  /** First byte; 0 where left out. */
  readonly offset?: number | undefined;
  /** Up to the end where left out. */
  readonly length?: number | undefined;
  /** Refuse (`storage.conflict`) what is not this version of the object any more. */
  readonly etag?: string | null | undefined;
}

export interface WriteOptions extends Abortable {
  /** Refuse (`storage.conflict`) where the path is taken, rather than replace what is there. */
  readonly ifAbsent?: boolean;
  /** About how much will come, so that the parts of an upload are of a fitting size; an upper bound is better than none. */
  readonly expectedBytes?: number | undefined;
  /** How much of an upload may be in memory at once, where it is sent in parts. */
  readonly memoryBytes?: number | undefined;
  /** For content whose first bytes are only known at its end. */
  readonly lateHead?: LateHead | undefined;
  /** Is told the absolute path of the half-written file before it is made, where that is a file of this machine. */
  readonly onPartial?: ((path: string) => void) | undefined;
}

/** The beginning of an object that is set when all the rest has come: as long as it was, with other bytes. */
export interface LateHead {
  /** How many bytes it has; they are held back until the end. Infinity while that is not known yet. */
  readonly sizeBytes: number;
  /** What is to stand there; asked for once, after the last piece. Null: what came stays. */
  bytes(): Uint8Array | null;
}

/** What a storage has to say of an object that it has taken. */
export interface Written {
  /** Of the whole, as it was read back; null where it was not, because each part was proved on its way. */
  readonly sha256: string | null;
}

/**
 * A place where backups are kept. Every call may throw storage.unreachable, storage.credentials,
 * storage.permissionDenied, storage.bucketMissing, storage.failed and, where its signal is aborted, the signal's reason.
 */
export interface Storage {
  readonly kind: "folder" | "s3" | "sftp";
  /** For people, and to be taken as LOCATION: a folder's path, `s3://bucket/prefix`, `sftp://host/path`. No secret. */
  readonly address: string;
  /**
   * What manifests call the place, to be compared and for nothing else: another one must not have the same name, on whichever
   * machine. So it has the name of this machine before a folder's real path, and the address of its service before a bucket.
   */
  identify(): Promise<string>;
  /**
   * What is in a folder ("" is the root): its objects and folders or, recursively, the objects alone in all of it. In no
   * order. What is not there is empty. Uploads that did not end are left out.
   */
  list(
    folder: string,
    options?: Abortable & { readonly recursive?: boolean },
  ): AsyncIterable<StoredObject | StoredFolder>;
  /** @throws storage.notFound */
  stat(path: string, options?: Abortable): Promise<StoredObject>;
  /** Fewer bytes than asked for come back only where the object ends. @throws storage.notFound, storage.archived */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
  /** The same in pieces, for what is too large for memory. A cut connection is taken up again where it was. */
  readStream(path: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * Writes an object in constant memory. It is there, whole, durable and held to what was sent, when this resolves; when it
   * throws, nothing is. The pieces are not changed, and may be shared.
   * @throws storage.conflict, storage.full, storage.tooLarge, storage.failed where it is not stored as it was sent
   */
  write(path: string, pieces: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<Written>;
  /** No harm where it is gone already. A folder in which nothing is left goes with it. */
  delete(path: string, options?: Abortable): Promise<void>;
  /**
   * Asks for an object in an archive class to be made readable for some days, or for more days. That takes minutes to two
   * days; stat tells how far it is. Nothing happens to what can be read as it is.
   */
  thaw(path: string, options: ThawOptions): Promise<void>;
  describe(options?: Abortable): Promise<StorageFacts>;
  /** Removes what uploads older than a day left behind when they were killed. @returns how many */
  sweepStaleUploads(options?: Abortable): Promise<number>;
  close(): Promise<void>;
}

/** An upload that began this long ago and did not end never will. */
export const staleUploadMs = 24 * 60 * 60 * 1000;

/**
 * Refuses a path that could lead out of a storage or means another thing on another system.
 * @throws storage.invalid
 */
export function checkPath(path: string): string {
  const parts = path.split("/");
  const isWrong = parts.some((part) => part === "" || part === "." || part === ".." || /[\\\0]/.test(part));
  if (isWrong || Buffer.byteLength(path) > 1024)
    throw new AppError("storage.invalid", "This cannot be the path of something in a storage.", { detail: path });
  return path;
}

/** Small content as write() takes it. */
export async function* piecesOf(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

/** All bytes of a stream, for what is known to be small. */
export async function collectBytes(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  const [first] = all;
  return first !== undefined && all.length === 1 ? first : Buffer.concat(all);
}
