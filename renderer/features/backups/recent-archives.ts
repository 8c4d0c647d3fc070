import { createStore } from "zustand/vanilla";

/** A file that was opened in this window, for the list of the backups screen. */
export interface RecentArchive {
  readonly path: string;
  readonly database: string | null;
  /** Local time of the dumping host. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly openedAt: string;
}

const KEY = "lifeboat.recent-archives";
const MOST = 20;

/** Files opened lately, newest first; kept by the browser, so a convenience and no record. */
export const recentArchives = createStore<{ readonly archives: readonly RecentArchive[] }>(() => ({
  archives: load(),
}));

export function rememberOpened(archive: RecentArchive): void {
  change((archives) => [archive, ...archives.filter(({ path }) => path !== archive.path)].slice(0, MOST));
}

export function forgetOpened(path: string): void {
  change((archives) => archives.filter((archive) => archive.path !== path));
}

function change(next: (archives: readonly RecentArchive[]) => readonly RecentArchive[]): void {
  const archives = next(recentArchives.getState().archives);
  recentArchives.setState({ archives });
  try {
    localStorage.setItem(KEY, JSON.stringify(archives));
  } catch {
    // A full or forbidden store costs the list at the next start, nothing else.
  }
}

function load(): RecentArchive[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isRecent).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function isRecent(value: unknown): value is RecentArchive {
  if (typeof value !== "object" || value === null) return false;
  const { path, database, createdAt, sizeBytes, openedAt } = value as Partial<Record<keyof RecentArchive, unknown>>;
  return (
    typeof path === "string" &&
    (database === null || typeof database === "string") &&
    typeof createdAt === "string" &&
    typeof sizeBytes === "number" &&
    typeof openedAt === "string"
  );
}
