import { existsSync } from "node:fs";
import { join } from "node:path";
import { clientsFolder } from "./clients-folder.mjs";

/** How someone gets the clients, for requirement(). */
export const clientsRemedy = "node test/helpers/install-clients.mjs";

/**
 * Folder with the client programs of a major version (15: Debian's own; 17 and 18: wrappers), fit for LIFEBOAT_TOOLS;
 * null where they are not installed.
 */
export function clientFolder(major: number): string | null {
  const folders = [join(clientsFolder(), String(major), "bin"), `/usr/lib/postgresql/${major}/bin`];
  return folders.find((folder) => existsSync(join(folder, "pg_dump"))) ?? null;
}

/** Path of one client program (`pg_dump`, `psql`…), or null where it is not installed. */
export function clientTool(major: number, name: string): string | null {
  const folder = clientFolder(major);
  if (folder === null) return null;
  const path = join(folder, name);
  return existsSync(path) ? path : null;
}
