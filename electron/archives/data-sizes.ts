import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { Archive } from "./open-archive.ts";

/** Stored bytes of each data block that are known without searching for it, by dump ID. */
export async function dataSizes(archive: Archive, manifest: Manifest | null): Promise<Map<DumpId, number>> {
  const sizes = new Map<DumpId, number>();
  for (const { dumpId, length } of manifest?.data ?? []) if (length !== null) sizes.set(dumpId, length);
  for (const entry of archive.toc) {
    const offset = entry.dataOffset;
    // A damaged offset is an error of what lies there, not of the list.
    if (offset === null || offset < archive.tocBytes || offset >= archive.sizeBytes) continue;
    sizes.set(entry.dumpId, (await archive.dataRange(entry.dumpId)).length);
  }
  return sizes;
}
