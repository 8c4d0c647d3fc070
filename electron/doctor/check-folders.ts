import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../../shared/text/format.ts";
import type { Check } from "./check.ts";

/** Below this there is hardly room for any backup. */
const scarceBytes = 1_000_000_000;

/** Whether a folder, or the place it will be made in, can be written, how much room there is, and who else may write. */
export async function checkFolder(subject: string, path: string): Promise<Check[]> {
  const existing = await nearestExisting(path);
  const check = (state: Check["state"], message: string, remedy: string | null): Check[] => [
    { area: "folders", state, subject, message, remedy },
  ];
  const status = await stat(existing);
  if (!status.isDirectory()) return check("broken", `${existing} is not a folder.`, "Move the file away.");
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    const remedy = "Change its owner or permissions, or choose another place with LIFEBOAT_HOME.";
    return check("broken", `${existing} cannot be written to.`, remedy);
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const room = `${formatBytes(free)} free`;
  // Bits for group and others to write; a sticky folder such as /tmp is only ever the parent of ours.
  if (existing === path && process.platform !== "win32" && (status.mode & 0o022) !== 0)
    return check("attention", `${path} can be written to by other users (${room}).`, `chmod go-w ${path}`);
  if (free < scarceBytes)
    return check("attention", `${path}: only ${room}.`, "Make room, or back up to another place.");
  return check("works", existing === path ? `${path}, ${room}` : `${path}, not made yet, ${room}`, null);
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    const parent = dirname(path);
    return parent === path ? path : nearestExisting(parent);
  }
}
