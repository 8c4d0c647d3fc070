import type { DumpOptions } from "../../shared/command/dump-command.ts";
import type { RowCounting } from "./counting-thread.ts";
import { receiveCustomDump } from "./receive-custom.ts";
import { receivePlainDump } from "./receive-plain.ts";
import { receiveTarDump } from "./receive-tar.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

/** What a dump is to be in the end. */
export interface DumpShape {
  readonly format: "custom" | "tar" | "plain";
  readonly compression: DumpOptions["compression"];
}

/** Takes a dump's bytes to a sink, by its format. Throws archive.*, backup.incomplete, and what the sink throws. */
export function receivePieces(
  { format, compression }: DumpShape,
  pieces: AsyncIterable<Buffer>,
  sink: DumpSink,
  observer: DumpObserver,
  counting: RowCounting,
): Promise<ReceivedDump> {
  if (format === "custom") return receiveCustomDump(pieces, compression, sink, observer, counting);
  if (format === "tar") return receiveTarDump(pieces, sink, observer);
  return receivePlainDump(pieces, compression, sink, observer);
}
