import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { BlockRange } from "./block-finder.ts";

/**
 * Where a manifest says that data blocks lie, by dump ID; those that cannot be are left out. Empty without a manifest of
 * this archive: then the blocks are searched for.
 */
export function knownBlocks(
  manifest: Manifest | null,
  tocBytes: number,
  sizeBytes: number,
): ReadonlyMap<DumpId, BlockRange> {
  const blocks = new Map<DumpId, BlockRange>();
  if (manifest === null || manifest.tocBytes !== tocBytes) return blocks;
  for (const { dumpId, offset, length } of manifest.data)
    if (offset !== null && length !== null && offset >= tocBytes && offset + length <= sizeBytes)
      blocks.set(dumpId, { offset, length });
  return blocks;
}
