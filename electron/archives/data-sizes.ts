import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { Archive } from "./archive.ts";

/** Stored bytes of each entry's data that are known without searching for it, by dump ID. */
export async function dataSizes(archive: Archive, manifest: Manifest | null): Promise<Map<DumpId, number>> {
  const sizes = new Map<DumpId, number>();
  for (const { dumpId, length } of manifest?.data ?? []) if (length !== null) sizes.set(dumpId, length);
  for (const [dumpId, length] of await archive.storedSizes()) sizes.set(dumpId, length);
  return sizes;
}
