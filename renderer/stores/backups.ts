import { createMirror } from "./mirror.ts";
import { createStoreHook } from "./store-hook.ts";

/** What lies in the backups folder, newest first. */
export const useBackups = createStoreHook((client) =>
  createMirror(client, () => client.invoke("backups.list", {}), ["backups"]),
);
