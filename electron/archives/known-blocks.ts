import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { loadManifestBeside } from "../storage/backup-folder.ts";
import type { BlockRange } from "./block-finder.ts";

/**
 * Where the manifest beside an archive says that data blocks lie, by dump ID; those that cannot be are left out. Empty
 * without a manifest of this file. Never throws: without it the blocks are searched for.
 */
export async function loadKnownBlocks(
  path: string,
  tocBytes: number,
  sizeBytes: number,
): Promise<ReadonlyMap<DumpId, BlockRange>> {
  const blocks = new Map<DumpId, BlockRange>();
  const manifest = await loadManifestBeside(path).catch(() => null);
  if (manifest === null || manifest.tocBytes !== tocBytes) return blocks;
  for (const { dumpId, offset, length } of manifest.data)
    if (offset !== null && length !== null && offset >= tocBytes && offset + length <= sizeBytes)
      blocks.set(dumpId, { offset, length });
  return blocks;
}
