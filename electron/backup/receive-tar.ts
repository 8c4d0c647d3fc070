import { readTarHeader, TAR_RECORD_BYTES } from "../../shared/archive/tar-header.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import { readTocFile } from "../../shared/archive/toc-reader.ts";
import type { DataEntry } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { type CopyTextCounter, createPlainTextCounter } from "./copy-text-counter.ts";
import { missingFrom, tableOids } from "./receive-custom.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

interface OpenMember {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly counter: CopyTextCounter | null;
  readonly parts: Buffer[];
  left: number;
}

/**
 * Writes pg_dump's tar archive to the file and notes where each table's member lies and how many rows
 * it has. Format: plain ustar, `toc.dat` first, then `<dumpId>.dat` (PostgreSQL's pg_backup_tar.c).
 * Throws archive.damaged where it is not that, backup.incomplete when it ends too early.
 */
export async function receiveTarDump(
  pieces: AsyncIterable<Buffer>,
  sink: DumpSink,
  observer: DumpObserver,
): Promise<ReceivedDump> {
  const data: DataEntry[] = [];
  const incomplete: string[] = [];
  let toc: Toc | null = null;
  let position = 0;
  let header = Buffer.alloc(0);
  let member: OpenMember | null = null;
  let padding = 0;
  let ended = false;

  async function openMember(record: Buffer): Promise<void> {
    const told = readTarHeader(record, position - TAR_RECORD_BYTES);
    if (told === null) {
      ended = true;
      return;
    }
    const { name, length: sizeBytes } = told;
    const isTable = (toc?.byDumpId(dumpIdOf(name))?.copyStatement ?? null) !== null;
    member = {
      name,
      offset: position,
      sizeBytes,
      counter: isTable ? createPlainTextCounter() : null,
      parts: [],
      left: sizeBytes,
    };
    if (sizeBytes === 0) await closeMember(member);
  }

  async function closeMember(closed: OpenMember): Promise<void> {
    member = null;
    padding = (TAR_RECORD_BYTES - (closed.sizeBytes % TAR_RECORD_BYTES)) % TAR_RECORD_BYTES;
    if (closed.name === "toc.dat") {
      toc = readTocFile(Buffer.concat(closed.parts), nodeDecoding).toc;
      observer.tablesKnown(tableOids(toc));
    }
    const entry = toc?.byDumpId(dumpIdOf(closed.name));
    if (!entry) return;
    const counts = (await closed.counter?.finish()) ?? null;
    if (closed.counter && !counts) incomplete.push(`${entry.namespace ?? ""}.${entry.tag}`);
    if (counts) observer.tableFinished(entry.oid, entry.dumpId, counts.rawBytes, counts.rows);
    data.push({
      dumpId: entry.dumpId,
      namespace: entry.namespace,
      tag: entry.tag,
      desc: entry.desc,
      offset: closed.offset,
      length: closed.sizeBytes,
      rawBytes: counts?.rawBytes ?? null,
      rows: counts?.rows ?? null,
    });
  }

  for await (const piece of pieces) {
    observer.received(piece.length);
    await sink.write(piece);
    let at = 0;
    while (at < piece.length && !ended) {
      if (padding > 0) {
        const skip = Math.min(padding, piece.length - at);
        padding -= skip;
        at += skip;
        position += skip;
      } else if (member) {
        const open: OpenMember = member;
        const end = Math.min(piece.length, at + open.left);
        open.counter?.push(piece, at, end);
        if (open.name === "toc.dat") open.parts.push(piece.subarray(at, end));
        position += end - at;
        open.left -= end - at;
        at = end;
        if (open.left === 0) await closeMember(open);
      } else {
        const end = Math.min(piece.length, at + TAR_RECORD_BYTES - header.length);
        header = Buffer.concat([header, piece.subarray(at, end)]);
        position += end - at;
        at = end;
        if (header.length === TAR_RECORD_BYTES) {
          const record = header;
          header = Buffer.alloc(0);
          await openMember(record);
        }
      }
    }
  }
  if (!ended || !toc)
    throw new AppError("backup.incomplete", "pg_dump stopped before it had finished the tar archive.");
  incomplete.push(...missingFrom(data, toc, (entry) => entry.copyStatement !== null));
  return { tocBytes: null, tocEntries: (toc as Toc).length, compression: "none", data, incomplete };
}

/** `4012.dat` → 4012; NaN for every other member. */
function dumpIdOf(name: string): number {
  return /^\d+\.dat$/.test(name) ? Number.parseInt(name, 10) : Number.NaN;
}
