import { createMirror } from "./mirror.ts";
import { createStoreHook } from "./store-hook.ts";

/** Version, capabilities and whether this is a first start. Features ask for a capability, never for the host's name. */
export const useHello = createStoreHook((client) => createMirror(client, () => client.invoke("hello", {}), []));
