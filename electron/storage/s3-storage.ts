import { addAbortSignal, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type DefaultRetention,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectOutput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsOutput,
  ListObjectsV2Command,
  ListPartsCommand,
  type ListPartsOutput,
  PutObjectCommand,
  PutObjectRetentionCommand,
  RestoreObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { AppError } from "../../shared/error/app-error.ts";
import type { S3Settings } from "../../shared/storage/settings.ts";
import { isArchiveClass } from "../../shared/storage/storage-classes.ts";
import type { Secret } from "../secrets/secret.ts";
import { idleMs, s3ClientOptions } from "./s3-client-options.ts";
import { s3Error } from "./s3-error.ts";
import { createUploadProof } from "./s3-proof.ts";
import { type Storing, storingOptions } from "./s3-storing.ts";
import { type BodySums, choosePartBytes, type UploadCalls, uploadPieces } from "./s3-upload.ts";
import {
  checkPath,
  collectBytes,
  type Hold,
  type ReadOptions,
  type Storage,
  type StoredFolder,
  type StoredObject,
  staleUploadMs,
  type Thaw,
} from "./storage.ts";

/** The SDK takes a cut answer for the end of its work; these are the times that a read goes on where it was cut. */
const resumes = 4;

/** The names of AWS's buckets are unique in all of its regions. */
const awsEndpoint = "https://s3.amazonaws.com";

/**
 * A bucket, or a folder of one, in any S3-compatible storage.
 * @param secret the secret of settings.credentials where that names a key; null for the standard chain
 * @param env where AWS_ENDPOINT_URL_S3 and HTTPS_PROXY are looked for
 * @throws storage.insecure for http:// beyond this machine, storage.notFound for the file of certificates
 */
export async function openS3Storage(
  settings: S3Settings,
  secret: Secret | null,
  env: NodeJS.ProcessEnv,
): Promise<Storage> {
  const clientOptions = await s3ClientOptions(settings, secret, env);
  const client = new S3Client(clientOptions);
  const { bucket, prefix } = settings;
  const Bucket = bucket;
  const address = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  const start = prefix === "" ? "" : `${prefix}/`;
  const nameOf = (path: string): string => (path === "" ? address : `${address}/${path}`);

  /** Some answer has said so; then an object that is not found is no question about the bucket any more. */
  let isBucketThere = false;

  /** One request; its failure in the user's words, and the caller's own reason where the caller ended it. */
  async function ask<T>(path: string, signal: AbortSignal | undefined, request: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      throw signal?.aborted ? signal.reason : s3Error(error, nameOf(path));
    }
  }

  async function* list(
    folder: string,
    { recursive = false, signal }: { recursive?: boolean; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<StoredObject | StoredFolder> {
    const below = folder === "" ? start : `${start}${folder}/`;
    let token: string | undefined;
    do {
      const query = new ListObjectsV2Command({
        Bucket,
        Prefix: below,
        // XML cannot carry every character that a key may hold.
        EncodingType: "url",
        ...(recursive ? {} : { Delimiter: "/" }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page = await ask(folder, signal, () => client.send(query, during(signal)));
      isBucketThere = true;
      const decode = page.EncodingType === "url" ? decodeKey : (key: string) => key;
      for (const { Prefix = "" } of page.CommonPrefixes ?? [])
        yield { kind: "folder", path: decode(Prefix).slice(start.length, -1) };
      for (const object of page.Contents ?? []) {
        const path = decode(object.Key ?? "").slice(start.length);
        // Consoles make an empty object of this name to show a folder.
        if (path === "" || path.endsWith("/")) continue;
        yield {
          kind: "object",
          path,
          sizeBytes: object.Size ?? 0,
          modifiedAt: object.LastModified?.toISOString() ?? null,
          etag: object.ETag ?? null,
          archived: isArchiveClass(object.StorageClass),
        };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async function stat(path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<StoredObject> {
    const target = { Bucket, Key: start + path };
    try {
      signal?.throwIfAborted();
      const found = await client.send(new HeadObjectCommand(target), during(signal));
      const thaw = thawOf(found.Restore);
      return {
        kind: "object",
        path,
        sizeBytes: found.ContentLength ?? 0,
        modifiedAt: found.LastModified?.toISOString() ?? null,
        etag: found.ETag ?? null,
        archived: isArchiveClass(found.StorageClass) && thaw?.state !== "ready",
        ...holdOf(found),
        ...(thaw === null ? {} : { thaw }),
      };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const failure = s3Error(error, nameOf(path));
      if (failure.code === "storage.unreachable" || failure.code === "storage.tls") throw failure;
      if (failure.code === "storage.notFound" && isBucketThere) throw failure;
      // An answer to HEAD has no body, and so no reason. Ask for one byte to hear it.
      const glance = new GetObjectCommand({ ...target, Range: "bytes=0-0" });
      const answer = await ask(path, signal, () => client.send(glance, during(signal))).catch((reason: unknown) => {
        isBucketThere = reason instanceof AppError && reason.code === "storage.notFound";
        throw reason;
      });
      if (answer.Body instanceof Readable) answer.Body.destroy();
      throw failure;
    }
  }

  async function* readStream(path: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const { signal } = options;
    let offset = options.offset ?? 0;
    const end = offset + (options.length ?? Number.POSITIVE_INFINITY);
    let etag = options.etag ?? null;
    for (let left = resumes; offset < end; left -= 1) {
      const query = new GetObjectCommand({
        Bucket,
        Key: start + path,
        ...(offset === 0 && end === Number.POSITIVE_INFINITY
          ? {}
          : { Range: `bytes=${offset}-${end === Number.POSITIVE_INFINITY ? "" : end - 1}` }),
        ...(etag === null ? {} : { IfMatch: etag }),
      });
      let remaining: number;
      try {
        signal?.throwIfAborted();
        // oxlint-disable-next-line no-await-in-loop -- goes on where the one before was cut
        const answer = await client.send(query, during(signal));
        const { Body: body } = answer;
        if (!(body instanceof Readable)) return;
        etag = answer.ETag ?? null;
        remaining = answer.ContentLength ?? Number.POSITIVE_INFINITY;
        if (signal !== undefined) addAbortSignal(signal, body);
        try {
          for await (const piece of withPatience(body)) {
            offset += piece.length;
            remaining -= piece.length;
            left = resumes;
            yield piece;
          }
        } finally {
          body.destroy();
        }
        if (remaining <= 0 || remaining === Number.POSITIVE_INFINITY) return;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (isBeyondEnd(error)) return;
        const failure = s3Error(error, nameOf(path));
        if (failure.code !== "storage.unreachable" || left === 0) throw failure;
      }
      if (left === 0) throw new AppError("storage.unreachable", `${nameOf(path)} ended before it was whole.`);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(200 * 2 ** (resumes - left), undefined, signal === undefined ? {} : { signal });
    }
  }

  async function remove(path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const request = new DeleteObjectCommand({ Bucket, Key: start + checkPath(path) });
    await ask(path, signal, () => client.send(request, during(signal)));
  }

  /** Object Lock takes nothing without a sum of it, and a service that takes no CRC-32 takes this one. */
  const wantsMd5 = async (): Promise<boolean> => (await client.config.requestChecksumCalculation()) === "WHEN_REQUIRED";

  /** Ceph 16 and others take the lock of an upload in parts for granted and leave it out. */
  async function lockAfterwards(
    path: string,
    { ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate }: Storing,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (Mode === undefined || RetainUntilDate === undefined) return;
    const Retention = { Mode, RetainUntilDate };
    const request = new PutObjectRetentionCommand({ Bucket, Key: start + path, Retention });
    await ask(path, signal, () => client.send(request, during(signal)));
  }

  async function lastPartAt(Key: string | undefined, UploadId: string | undefined, signal: AbortSignal | undefined) {
    let last: Date | null = null;
    let marker: string | null = "0";
    while (marker !== null) {
      const query: ListPartsCommand = new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: marker });
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page: ListPartsOutput = await ask("", signal, () => client.send(query, during(signal)));
      for (const { LastModified } of page.Parts ?? [])
        if (LastModified !== undefined && (last === null || LastModified > last)) last = LastModified;
      marker = page.IsTruncated ? (page.NextPartNumberMarker ?? null) : null;
    }
    return last;
  }

  return {
    kind: "s3",
    address,
    async identify() {
      // The SDK finds one in AWS's own configuration files, too.
      const found = clientOptions.endpoint ?? (await client.config.serviceConfiguredEndpoint?.());
      const { origin, pathname } = new URL(found ?? awsEndpoint);
      return `${origin}${pathname.replace(/\/$/, "")}/${address.slice("s3://".length)}`;
    },
    list,
    stat,
    readStream,
    read: (path, options = {}) => (options.length === 0 ? noBytes() : collectBytes(readStream(path, options))),
    async write(path, pieces, { ifAbsent = false, expectedBytes, memoryBytes, lateHead, signal } = {}) {
      const target = { Bucket, Key: start + checkPath(path) };
      const storing = storingOptions(settings, path);
      const condition = ifAbsent ? { IfNoneMatch: "*" } : {};
      const proof = createUploadProof(nameOf(path));
      const calls: UploadCalls = {
        async put(bytes, sums, ending) {
          const md5 = sumOf(sums.md5);
          const request = new PutObjectCommand({ ...target, ...storing, ...condition, ...md5, Body: bytes });
          request.middlewareStack.add(sayHash(sums), { step: "build" });
          const stored = await ask(path, signal, () => client.send(request, during(ending)));
          try {
            proof.check(1, bytes, stored, sums.md5);
            // What is in an archive class cannot be read back.
            if (isArchiveClass(storing.StorageClass)) proof.checkSize((await stat(path, { signal: ending })).sizeBytes);
            else if (!proof.isProved()) proof.compare(bytes, await collectBytes(readStream(path, { signal: ending })));
          } catch (error) {
            await remove(path).catch(() => {});
            throw error;
          }
        },
        async begin(ending) {
          const request = new CreateMultipartUploadCommand({ ...target, ...storing });
          const { UploadId } = await ask(path, signal, () => client.send(request, during(ending)));
          if (UploadId === undefined) throw new AppError("storage.failed", "The storage began no upload.");
          return UploadId;
        },
        async part(UploadId, PartNumber, bytes, sums, ending) {
          const md5 = sumOf(sums.md5);
          const request = new UploadPartCommand({ ...target, UploadId, PartNumber, ...md5, Body: bytes });
          request.middlewareStack.add(sayHash(sums), { step: "build" });
          const stored = await ask(path, signal, () => client.send(request, during(ending)));
          if (stored.ETag === undefined) throw new AppError("storage.failed", "The storage did not confirm a part.");
          proof.check(PartNumber, bytes, stored, sums.md5);
          return stored.ETag;
        },
        async complete(UploadId, etags, ending) {
          proof.checkParts();
          // Many services do not look at the condition here, so the path is looked at before as well.
          if (ifAbsent && (await isTaken(stat(path, { signal: ending })))) throw taken(nameOf(path));
          const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
          const request = new CompleteMultipartUploadCommand({
            ...target,
            ...condition,
            UploadId,
            MultipartUpload: { Parts },
          });
          await ask(path, signal, async () => {
            await client.send(request, during(ending)).catch(async (error: unknown) => {
              // An answer that was lost is asked for again, and then the upload is over: with success.
              const found = isNoUpload(error) ? await stat(path, { signal: ending }).catch(() => null) : null;
              if (!found?.etag?.includes(`-${etags.length}`)) throw error;
            });
          });
        },
        async abort(UploadId) {
          const request = new AbortMultipartUploadCommand({ ...target, UploadId });
          await client.send(request, during(AbortSignal.timeout(idleMs)));
        },
      };
      if (ifAbsent && (await isTaken(stat(path, { signal })))) throw taken(nameOf(path));
      await uploadPieces(pieces, calls, {
        partBytes: choosePartBytes(expectedBytes, settings.mostParts),
        mostParts: settings.mostParts,
        wantsMd5: await wantsMd5(),
        memoryBytes,
        lateHead,
        signal,
      });
      try {
        const stored = await stat(path, { signal });
        proof.checkSize(stored.sizeBytes);
        if (stored.hold === undefined) await lockAfterwards(path, storing, signal);
      } catch (error) {
        await remove(path).catch(() => {});
        throw error;
      }
      return { sha256: null };
    },
    delete: remove,
    async thaw(path, { days, tier, signal }) {
      const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: tier } };
      const request = new RestoreObjectCommand({ Bucket, Key: start + checkPath(path), RestoreRequest });
      await ask(path, signal, () => client.send(request, during(signal)).catch(unlessUnderWay));
    },
    async describe({ signal } = {}) {
      await ask("", signal, () => client.send(new HeadBucketCommand({ Bucket }), during(signal)));
      const versioning = await client.send(new GetBucketVersioningCommand({ Bucket }), during(signal)).then(
        ({ Status }) => (Status === "Enabled" ? ("on" as const) : ("off" as const)),
        () => "unknown" as const,
      );
      const lock = await client.send(new GetObjectLockConfigurationCommand({ Bucket }), during(signal)).then(
        ({ ObjectLockConfiguration: found }) => ({
          objectLock: found?.ObjectLockEnabled === "Enabled" ? ("on" as const) : ("off" as const),
          defaultRetention: describeRetention(found?.Rule?.DefaultRetention),
        }),
        (error: unknown) => ({
          objectLock: isUnlocked(error) ? ("off" as const) : ("unknown" as const),
          defaultRetention: null,
        }),
      );
      signal?.throwIfAborted();
      const { lock: own } = settings;
      const ownRetention = own === undefined ? null : `${own.mode}, ${own.days} days`;
      return { versioning, ...lock, ownRetention, freeBytes: null };
    },
    async sweepStaleUploads({ signal } = {}) {
      let swept = 0;
      let marker: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
      while (marker !== null) {
        const query: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
          Bucket,
          Prefix: start,
          ...marker,
        });
        // oxlint-disable-next-line no-await-in-loop -- each page names the next
        const page: ListMultipartUploadsOutput = await ask("", signal, () => client.send(query, during(signal)));
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (Initiated === undefined || !isStale(Initiated)) continue;
          // A large database takes longer than that, and then a part has come of late.
          // oxlint-disable-next-line no-await-in-loop -- few, and no hurry
          if (!isStale((await lastPartAt(Key, UploadId, signal)) ?? Initiated)) continue;
          const request = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
          // oxlint-disable-next-line no-await-in-loop -- few, and no hurry
          await ask("", signal, () => client.send(request, during(signal)));
          swept += 1;
        }
        const { NextKeyMarker: key, NextUploadIdMarker: id } = page;
        marker = page.IsTruncated && key && id ? { KeyMarker: key, UploadIdMarker: id } : null;
      }
      return swept;
    },
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** For a client's step "build": tells its signature the body's hash, which it would take of all of it at once otherwise. */
function sayHash({ sha256 }: BodySums) {
  return <Step extends { request: unknown }, Output>(next: (step: Step) => Promise<Output>) =>
    (step: Step): Promise<Output> => {
      if (hasHeaders(step.request)) step.request.headers["x-amz-content-sha256"] = sha256;
      return next(step);
    };
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === "object" && request !== null && "headers" in request;
}

function sumOf(md5: Buffer | undefined): { ContentMD5?: string } {
  return md5 === undefined ? {} : { ContentMD5: md5.toString("base64") };
}

/** As far as these credentials may see it. */
function holdOf(found: HeadObjectOutput): { hold?: Hold } {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = found;
  if (found.ObjectLockLegalHoldStatus === "ON") return { hold: { mode: "legal hold", until: null } };
  if (mode === undefined || until === undefined || until <= new Date()) return {};
  return { hold: { mode, until: until.toISOString() } };
}

function during(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The pieces of an answer; one that stalls is ended, so that the read can go on with another. */
async function* withPatience(body: Readable): AsyncGenerator<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => body.destroy(Object.assign(new Error("no data came"), { code: "ETIMEDOUT" })), idleMs);
  };
  try {
    wait();
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      // The time a slow reader takes is not the storage's.
      clearTimeout(timer);
      yield piece;
      wait();
    }
  } finally {
    clearTimeout(timer);
  }
}

function isStale(time: Date): boolean {
  return Date.now() - time.getTime() >= staleUploadMs;
}

function noBytes(): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(0));
}

async function isTaken(looking: Promise<StoredObject>): Promise<boolean> {
  try {
    await looking;
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "storage.notFound") return false;
    throw error;
  }
}

function taken(name: string): AppError {
  return new AppError("storage.conflict", `${name} is there already.`);
}

/** `encoding-type=url` writes a space as `+`. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll("+", "%20"));
}

/** `x-amz-restore: ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"` */
function thawOf(restore: string | undefined): Thaw | null {
  if (restore === undefined) return null;
  if (restore.includes('ongoing-request="true"')) return { state: "ongoing" };
  const until = new Date(/expiry-date="([^"]+)"/.exec(restore)?.[1] ?? "");
  return { state: "ready", until: Number.isNaN(until.getTime()) ? null : until.toISOString() };
}

function unlessUnderWay(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "RestoreAlreadyInProgress") throw error;
}

function isBeyondEnd(error: unknown): boolean {
  return error instanceof Error && error.name === "InvalidRange";
}

function isNoUpload(error: unknown): boolean {
  return error instanceof Error && error.name === "NoSuchUpload";
}

function isUnlocked(error: unknown): boolean {
  return error instanceof Error && /ObjectLockConfigurationNotFound/.test(error.name);
}

function describeRetention(rule: DefaultRetention | undefined): string | null {
  if (rule?.Mode === undefined) return null;
  return `${rule.Mode}, ${rule.Years === undefined ? `${rule.Days ?? 0} days` : `${rule.Years} years`}`;
}
