import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { Worker } from "node:worker_threads";
import type { PlainData } from "../../../shared/archive/plain/plain-entry.ts";
import type { DumpId } from "../../../shared/archive/toc-entry.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ErrorCode } from "../../../shared/error/catalogue.ts";
import { workerFile } from "../../worker-file.ts";
import type { ByteSource } from "../byte-source.ts";
import { streamSource } from "../open-source.ts";
import type { IndexingOrder, IndexingReport } from "./plain-index-worker.ts";

/** What was found in a plain script: enough to show it and to read any part of it at once. */
export interface PlainIndex {
  /** pg_dumpall's script. */
  readonly isCluster: boolean;
  readonly parts: readonly PlainIndexPart[];
  /** Where the script is not what it should be; what stands before it is good. */
  readonly damage: { readonly code: ErrorCode; readonly message: string; readonly detail: string } | null;
}

/** One database of it, as a toc.dat. */
export interface PlainIndexPart {
  readonly database: string | null;
  readonly toc: Uint8Array;
  readonly data: ReadonlyMap<DumpId, PlainData>;
}

/** Changes whenever an older index would be read wrongly. */
const indexVersion = 4;
/** Indexes kept; the ones not used for longest go. */
const mostKept = 200;

/**
 * The index of a plain script: the kept one where the file is the same by path, size and time, else made anew in a thread of
 * its own, at the speed of reading, and kept.
 * @param file path of the script where it is a file as it is; null: its bytes are only in `source`
 * @param writtenAt tells its time, asked for where there is no kept index; it counts where it does not say itself when it was begun
 * @param folder where indexes are kept; null: nowhere
 * @throws archive.limitExceeded, storage.*, encryption.*
 */
export async function loadPlainIndex(
  source: ByteSource,
  file: string | null,
  writtenAt: () => Promise<Date>,
  folder: string | null,
): Promise<PlainIndex> {
  const kept = file === null || folder === null ? null : join(folder, await keyOf(file));
  const known = kept === null ? null : await loadKept(kept);
  if (known !== null) return known;
  const index = await runIndexing(source, file, await writtenAt());
  // An index that cannot be kept is made again the next time.
  if (kept !== null && folder !== null) await keep(folder, kept, index).catch(() => {});
  return index;
}

async function keyOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const facts = JSON.stringify([indexVersion, file, size, mtimeMs, ino]);
  return `${createHash("sha256").update(facts).digest("hex")}.index`;
}

async function loadKept(path: string): Promise<PlainIndex | null> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file, whose name holds its version
    const index = deserialize(await readFile(path)) as PlainIndex;
    const now = new Date();
    await utimes(path, now, now);
    return index;
  } catch {
    return null;
  }
}

async function keep(folder: string, path: string, index: PlainIndex): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path, serialize(index), { mode: 0o600 });
  const names = (await readdir(folder)).filter((name) => name.endsWith(".index"));
  if (names.length <= mostKept) return;
  const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const oldest = used.toSorted((one, other) => one.at - other.at).slice(0, names.length - mostKept);
  await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { force: true })));
}

/** Indexes in a thread, which reads a file itself and is handed the bytes of everything else. */
async function runIndexing(source: ByteSource, file: string | null, writtenAt: Date): Promise<PlainIndex> {
  const worker = new Worker(workerFile("archives/plain/plain-index-worker"), { name: "script indexing" });
  const done = Promise.withResolvers<PlainIndex>();
  // Told where it is awaited.
  done.promise.catch(() => {});
  let room: PromiseWithResolvers<void> | null = null;
  worker.on("message", (report: IndexingReport) => {
    if (report.kind === "taken") room?.resolve();
    else if (report.kind === "done") done.resolve(report.index);
    else done.reject(new AppError(report.code, report.message, { detail: report.detail }));
  });
  worker.on("error", (error) => done.reject(error));
  worker.on("exit", () => done.reject(new Error("the indexing thread ended")));
  const send = (order: IndexingOrder, transfer: ArrayBuffer[] = []) => worker.postMessage(order, transfer);
  try {
    send({ kind: "begin", writtenAt, file });
    if (file === null)
      for await (const piece of streamSource(source)) {
        room = Promise.withResolvers<void>();
        const bytes = new Uint8Array(piece);
        send({ kind: "bytes", bytes }, [bytes.buffer]);
        await Promise.race([room.promise, done.promise]);
      }
    send({ kind: "end" });
    return await done.promise;
  } finally {
    await worker.terminate();
  }
}
