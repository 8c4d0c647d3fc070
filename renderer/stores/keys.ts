import { createMirror } from "./mirror.ts";
import { createStoreHook } from "./store-hook.ts";

/** The encryption keys that are known here; nothing secret. */
export const useKeys = createStoreHook((client) =>
  createMirror(client, () => client.invoke("keys.list", {}), ["keys"]),
);
