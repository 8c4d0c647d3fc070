import type { Compression } from "../../shared/archive/toc-entry.ts";
import type { RowCounting } from "./counting-thread.ts";
import { receiveCustomDump } from "./receive-custom.ts";
import { receivePlainDump } from "./receive-plain.ts";
import { receiveTarDump } from "./receive-tar.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

/** What comes, as pg_dump was told to write it. */
export interface DumpShape {
  readonly format: "custom" | "tar" | "plain";
  readonly compression: Compression;
}

/** Takes a dump's bytes to a sink, by its format. Throws archive.*, backup.incomplete, and what the sink throws. */
export function receivePieces(
  { format, compression }: DumpShape,
  pieces: AsyncIterable<Buffer>,
  sink: DumpSink,
  observer: DumpObserver,
  counting: RowCounting,
): Promise<ReceivedDump> {
  if (format === "custom") return receiveCustomDump(pieces, sink, observer, counting);
  if (format === "tar") return receiveTarDump(pieces, sink, observer);
  return receivePlainDump(pieces, sink, compression, observer);
}
