import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { NamedPaths } from "../../shared/contract/named-paths.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import { backupLocationsOf } from "../backup/backup-locations.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import { parseConnectionString } from "../profiles/resolve-connection.ts";
import { browseRoots, isBelow } from "../storage/browse-folder.ts";
import type { AppServices } from "./app-services.ts";
import { connectionOfLine } from "./profiles.ts";

type Services = Pick<AppServices, "home" | "jobs" | "settings">;

/**
 * Holds a browser to the folders its file browser shows: what lies there, or will lie there, may be named, and what
 * profiles and settings name already. Links are followed first, so none leads out. What is refused is not told from what
 * is not there: nobody learns what lies elsewhere.
 */
export function admitPathsBelowRoots(services: Services): (named: NamedPaths) => Promise<void> {
  return async ({ paths, connections }) => {
    const wanted = [...paths, ...connections.flatMap(filesOf)].filter((path) => !isElsewhere(path));
    if (wanted.length === 0) return;
    const home = await services.home();
    const [roots, known] = await Promise.all([
      browseRoots(home, backupLocationsOf(home, services.jobs.list())),
      loadKnownFiles(services),
    ]);
    for (const path of wanted) {
      if (known.has(path)) continue;
      // oxlint-disable-next-line no-await-in-loop -- one or two as a rule
      const real = await findRealPath(path);
      if (real === null || !isBelow(real, roots))
        throw new AppError("contract.placeNotAllowed", "A browser cannot reach this file or folder.", { detail: path });
    }
  };
}

/** Not of this machine; the storage behind it decides. A way up in it would be one of this machine. */
function isElsewhere(path: string): boolean {
  return isRemoteLocation(path) && !hasWayUp(path);
}

const fileKeywords = ["sslrootcert", "sslcert", "sslkey", "passfile", "servicefile"] as const;

/** The files that a connection's text names. What cannot be read names none: whoever resolves it says what is wrong. */
function filesOf(text: string): string[] {
  try {
    const parameters = parseConnectionString(connectionOfLine(text));
    // `system` is libpq's word for the machine's own certificates.
    return fileKeywords.flatMap((keyword) => parameters[keyword] ?? []).filter((file) => file && file !== "system");
  } catch {
    return [];
  }
}

async function loadKnownFiles({ home, settings }: Services): Promise<ReadonlySet<string>> {
  const profiles = await openProfileStore(await home())
    .list()
    .catch(() => []);
  const { backupsFolder } = await settings.get().catch(() => ({ backupsFolder: null }));
  const files = profiles.flatMap(({ sslRootCert, sslCert, sslKey, tunnel }) => [
    sslRootCert,
    sslCert,
    sslKey,
    tunnel?.keyFile ?? null,
  ]);
  return new Set([...files, backupsFolder, "system"].filter((path) => path !== null));
}

/**
 * The path with every link followed. Where its last parts are not there yet, they follow the real path of those that are.
 * Null where it cannot be told where it leads: a way up, a link that leads nowhere, a folder that cannot be read.
 */
async function findRealPath(path: string): Promise<string | null> {
  if (hasWayUp(path)) return null;
  let existing = resolve(path);
  const missing: string[] = [];
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- each after the other, upwards
      return join(await realpath(existing), ...missing);
    } catch (error) {
      const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (!isAbsent || existing === dirname(existing) || (await isThere(existing))) return null;
      missing.unshift(basename(existing));
      existing = dirname(existing);
    }
  }
}

/** A link too, whatever becomes of it. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function hasWayUp(path: string): boolean {
  return path.split(/[/\\]/).includes("..");
}
