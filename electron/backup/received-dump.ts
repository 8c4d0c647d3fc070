import type { Compression, DumpId } from "../../shared/archive/toc-entry.ts";
import type { DataEntry } from "../../shared/contract/manifest.ts";
import type { HeldHead } from "../storage/fan-out.ts";

/** What became known about a dump while it passed by: the manifest's index. */
export interface ReceivedDump {
  /** Header and table of contents of a custom archive; null in the other formats. */
  readonly tocBytes: number | null;
  readonly tocEntries: number | null;
  /** SHA-256 of those first bytes as they are in the end, of a custom archive. */
  readonly tocDigest?: string;
  readonly compression: Compression;
  readonly data: readonly DataEntry[];
  /** Tables whose data does not decompress or does not end as pg_dump ends it, as `schema.name`. */
  readonly incomplete: readonly string[];
}

/** Where a dump's bytes go; a DumpFile is one. */
export interface DumpSink {
  write(bytes: Uint8Array): Promise<void>;
  /** For putting other bytes in place of the first ones at the end; null where nothing can be changed: encrypted files. */
  readonly head: HeldHead | null;
}

/** Hears what happens while a dump passes by. */
export interface DumpObserver {
  received(bytes: number): void;
  /** The table of contents is known: these tables (by oid) have data in the dump. */
  tablesKnown(oids: ReadonlySet<number>): void;
  tableRunning(oid: number, dumpId: DumpId, rawBytes: number, rows: number): void;
  tableFinished(oid: number, dumpId: DumpId, rawBytes: number, rows: number): void;
}
