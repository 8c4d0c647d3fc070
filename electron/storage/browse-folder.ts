import { mkdir, open, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, sep } from "node:path";
import type { FolderView } from "../../shared/contract/views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { storageError } from "./storage-error.ts";

/** A folder below which a window may look. */
export interface BrowseRoot {
  /** Real: no link is on the way to it. */
  readonly path: string;
  readonly label: string;
}

/** Where removable and network drives are mounted. */
const mountFolders: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/media", "/mnt", "/run/media"],
  darwin: ["/Volumes"],
};

/** The folders a window may look into: the user's own, where backups go and went, mounted drives. Those that are there. */
export async function browseRoots(home: Home, locations: readonly string[]): Promise<BrowseRoot[]> {
  // A person who is to choose a file there should find the folder, before the first backup too.
  await mkdir(home.backupsFolder, { recursive: true, mode: 0o700 }).catch(() => {});
  const wanted: BrowseRoot[] = [
    { path: home.backupsFolder, label: "Backups" },
    { path: homedir(), label: "Home" },
    ...locations.map((path) => ({ path, label: basename(path) || path })),
    ...(await mountedDrives()),
  ];
  const roots: BrowseRoot[] = [];
  for (const { path, label } of wanted) {
    // oxlint-disable-next-line no-await-in-loop -- a handful, in their order
    const real = await realpath(path).catch(() => null);
    if (real !== null && real !== sep && !roots.some((root) => root.path === real)) roots.push({ path: real, label });
  }
  return roots;
}

async function mountedDrives(): Promise<BrowseRoot[]> {
  const folders = mountFolders[process.platform] ?? [];
  const drives = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => ({ path: join(folder, name), label: name }));
    }),
  );
  return drives.flat();
}

/**
 * What is in a folder below the roots: folders and files by name, hidden ones left out. Links are followed only where they
 * stay below a root.
 * @param path null: the first root
 * @throws storage.permissionDenied for what is outside, storage.notFound
 */
export async function browseFolder(path: string | null, roots: readonly BrowseRoot[]): Promise<FolderView> {
  const [first] = roots;
  if (first === undefined) throw new AppError("storage.notFound", "There is no folder to look into.");
  const folder = path === null ? first.path : await realFolder(path, roots);
  const names = await readdir(folder).catch((error) => Promise.reject(storageError(error, folder)));
  const visible = names.filter((name) => !name.startsWith("."));
  const entries = await Promise.all(
    visible.slice(0, mostEntries).map((name) => lookAt(join(folder, name), name, roots)),
  );
  const parent = dirname(folder);
  return {
    path: folder,
    parent: isBelow(parent, roots) ? parent : null,
    roots: roots.map(({ path: root, label }) => ({ path: root, label })),
    entries: entries.filter((entry) => entry !== null).toSorted(byKindAndName),
  };
}

const mostEntries = 5000;
type FolderEntry = FolderView["entries"][number];

async function realFolder(path: string, roots: readonly BrowseRoot[]): Promise<string> {
  const real = isAbsolute(path) ? await realpath(path).catch(() => null) : null;
  // The same words for what is not there and what may not be seen: nobody learns what lies elsewhere.
  if (real === null || !isBelow(real, roots))
    throw new AppError(
      "storage.permissionDenied",
      "This folder is not there, or not among those that can be looked into.",
      {
        hint: "Choose one of the folders shown.",
      },
    );
  return real;
}

async function lookAt(path: string, name: string, roots: readonly BrowseRoot[]): Promise<FolderEntry | null> {
  try {
    const real = await realpath(path);
    if (!isBelow(real, roots)) return null;
    const found = await stat(real);
    const modifiedAt = found.mtime.toISOString();
    if (found.isDirectory()) {
      const isArchive = await stat(join(real, "toc.dat")).then(
        (toc) => toc.isFile(),
        () => false,
      );
      return { name, path: real, kind: isArchive ? "archive" : "folder", sizeBytes: null, modifiedAt };
    }
    if (!found.isFile()) return null;
    const kind = archiveNames.test(name) || (await beginsAsArchive(real)) ? "archive" : "file";
    return { name, path: real, kind, sizeBytes: found.size, modifiedAt };
  } catch {
    // A link that leads nowhere, or a file that has just gone.
    return null;
  }
}

const archiveNames = /\.(dump|pgdump|backup|pgbackup|dmp)$/i;

async function beginsAsArchive(path: string): Promise<boolean> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return bytesRead === 5 && buffer.toString("latin1") === "PGDMP";
  } finally {
    await file.close();
  }
}

/** Whether a real path is a root or below one. */
export function isBelow(real: string, roots: readonly Pick<BrowseRoot, "path">[]): boolean {
  return roots.some(({ path }) => real === path || real.startsWith(path.endsWith(sep) ? path : path + sep));
}

function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  if ((a.kind === "folder") !== (b.kind === "folder")) return a.kind === "folder" ? -1 : 1;
  return a.name.localeCompare(b.name);
}
