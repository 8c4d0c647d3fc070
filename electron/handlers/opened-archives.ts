import { randomBytes } from "node:crypto";
import { type DependencyGraph, readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import type { Archive } from "../archives/archive.ts";
import type { Hold } from "../archives/held-source.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { createLargeObjectPages, type LargeObjectPages } from "../rows/large-object-pages.ts";
import { createRowPages, type RowPages } from "../rows/row-pages.ts";

/** An archive that a window has open. */
export interface OpenedArchive {
  readonly handle: string;
  readonly archive: Archive;
  /** Null for an archive made elsewhere, and where the manifest is damaged: the archive speaks for itself. */
  readonly manifest: Manifest | null;
  readonly pages: RowPages;
  /**
   * The large objects of the database that an entry is in.
   * @throws archive.objectNotFound
   */
  largeObjects(dumpId: DumpId): LargeObjectPages;
  /** The first bytes that were read and are not those of the manifest, in a sentence; null: none so far. */
  damage(): string | null;
  /** Read when first asked for. */
  graph(): DependencyGraph;
}

/** The archives of one window. */
export interface OpenedArchives {
  /**
   * @param path absolute, or of a storage
   * @throws archive.*, encryption.*, secrets.unavailable, storage.*, contract.tooMany
   */
  open(path: string, access: ArchiveAccess): Promise<OpenedArchive>;
  /** @throws archive.notOpen */
  get(handle: string): OpenedArchive;
  /** No harm where it is closed already. */
  close(handle: string): Promise<void>;
  closeAll(): void;
}

const mostOpen = 12;

export function createOpenedArchives(): OpenedArchives {
  const opened = new Map<string, OpenedArchive & { close(): Promise<void> }>();
  let isOver = false;

  async function close(handle: string): Promise<void> {
    const found = opened.get(handle);
    opened.delete(handle);
    await found?.close();
  }

  return {
    async open(path, access) {
      if (opened.size >= mostOpen)
        throw new AppError("contract.tooMany", `${mostOpen} archives are open in this window.`);
      let damage: string | null = null;
      const tell: Hold = ({ message, detail }) => {
        damage ??= detail === undefined ? message : `${message} (${detail})`;
      };
      // Of what lies far away no more is fetched for a look than the look needs.
      const hold = isRemoteLocation(path) ? undefined : tell;
      const { archive, manifest } = await openStoredArchive(path, { ...access, hold });
      if (isOver) {
        await archive.close();
        throw new AppError("job.cancelled", "The window is gone.");
      }
      let graph: DependencyGraph | null = null;
      const pages = createRowPages(archive);
      const largeObjects = new Map<Archive, LargeObjectPages>();
      const found = {
        handle: randomBytes(12).toString("base64url"),
        archive,
        manifest,
        pages,
        largeObjects(dumpId: DumpId) {
          const part = archive.partOf(dumpId);
          const known = largeObjects.get(part) ?? createLargeObjectPages(part);
          largeObjects.set(part, known);
          return known;
        },
        damage: () => damage,
        graph: () => (graph ??= readDependencyGraph(archive.toc)),
        async close() {
          pages.close();
          for (const each of largeObjects.values()) each.close();
          await archive.close();
        },
      };
      opened.set(found.handle, found);
      return found;
    },
    get(handle) {
      const found = opened.get(handle);
      if (found === undefined) throw new AppError("archive.notOpen", "The archive is not open any more.");
      return found;
    },
    close,
    closeAll() {
      isOver = true;
      for (const handle of opened.keys()) void close(handle).catch(() => null);
    },
  };
}
