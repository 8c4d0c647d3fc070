import { type LargeObjectFacts, largeObjectFacts } from "../../shared/archive/large-object-facts.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive, LargeObject } from "../archives/archive.ts";
import { holdsLargeObjects } from "../archives/archive-data.ts";

/** A large object of an archive. */
export interface ListedLargeObject extends LargeObjectFacts {
  readonly oid: number;
  readonly sizeBytes: number;
}

/**
 * Every large object with its size, as they come. Their sizes stand nowhere in an archive, so all of them are read.
 * @throws archive.*
 */
export async function* listLargeObjects(archive: Archive, signal: AbortSignal): AsyncGenerator<ListedLargeObject> {
  const facts = largeObjectFacts(archive.toc);
  for await (const { oid, bytes } of readAll(archive, signal)) {
    let sizeBytes = 0;
    for await (const part of bytes) sizeBytes += part.length;
    const { owner, comment } = facts.get(oid) ?? { owner: null, comment: null };
    yield { oid, sizeBytes, owner, comment };
  }
}

/**
 * The bytes of one large object.
 * @throws archive.objectNotFound where the archive has none of this number, archive.*
 */
export async function* readLargeObject(archive: Archive, oid: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const found of readAll(archive, signal)) {
    if (found.oid !== oid) continue;
    yield* found.bytes;
    return;
  }
  throw new AppError("archive.objectNotFound", `The archive has no large object ${oid}.`, {
    hint: "lifeboat large-objects ARCHIVE lists those that it has.",
  });
}

async function* readAll(archive: Archive, signal: AbortSignal): AsyncGenerator<LargeObject> {
  for (const entry of archive.toc)
    if (entry.hasData && holdsLargeObjects(entry)) yield* archive.readLargeObjects(entry.dumpId, { signal });
}
