import { createMirror } from "./mirror.ts";
import { createStoreHook } from "./store-hook.ts";

/** The saved connections, by name. */
export const useProfiles = createStoreHook((client) =>
  createMirror(client, () => client.invoke("profiles.list", {}), ["profiles"]),
);
