import { createMirror } from "./mirror.ts";
import { createStoreHook } from "./store-hook.ts";

/** Archives opened lately in any window of this home, newest first. */
export const useRecentArchives = createStoreHook((client) =>
  createMirror(client, () => client.invoke("archives.recent", {}), ["opened"]),
);
