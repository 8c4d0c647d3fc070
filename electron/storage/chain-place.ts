import { realpath } from "node:fs/promises";
import type { Storage } from "./storage.ts";

/**
 * What a manifest calls the place where the backup before was looked for: the storage's address; of a folder its real path, so
 * that it is the same through whichever link it is reached.
 */
export async function chainPlaceOf({ kind, address }: Pick<Storage, "kind" | "address">): Promise<string> {
  return kind === "folder" ? realpath(address).catch(() => address) : address;
}
