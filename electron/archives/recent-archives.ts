import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { RecentArchive } from "../../shared/contract/views.ts";
import { withFileLock } from "../profiles/file-lock.ts";
import { writeFileDurably } from "../storage/durable-file.ts";

/** The archives that were opened lately, newest first: a convenience and no record. */
export interface RecentArchives {
  list(): Promise<readonly RecentArchive[]>;
  remember(archive: RecentArchive): Promise<void>;
  /** No harm where it is not in the list. */
  forget(path: string): Promise<void>;
}

const most = 20;

const recentFile = z.object({
  archives: z.array(
    z.object({
      path: z.string(),
      database: z.string().nullable(),
      createdAt: z.string(),
      sizeBytes: z.number(),
      openedAt: z.string(),
    }),
  ),
});

/** The list over a file of the home, which several processes write. A list that cannot be read is an empty one. */
export function openRecentArchives(file: string): RecentArchives {
  async function list(): Promise<readonly RecentArchive[]> {
    try {
      return recentFile.parse(JSON.parse(await readFile(file, "utf8"))).archives;
    } catch {
      return [];
    }
  }

  async function change(next: (archives: readonly RecentArchive[]) => readonly RecentArchive[]): Promise<void> {
    await withFileLock(`${file}.lock`, async () => {
      const archives = next(await list()).slice(0, most);
      await writeFileDurably(file, `${JSON.stringify({ archives }, null, 2)}\n`);
    });
  }

  return {
    list,
    remember: (archive) => change((archives) => [archive, ...archives.filter(({ path }) => path !== archive.path)]),
    forget: (path) => change((archives) => archives.filter((archive) => archive.path !== path)),
  };
}
