import { createMirror } from "../../stores/mirror.ts";
import { createStoreHook } from "../../stores/store-hook.ts";

/** Whether the sample database is there and runs. */
export const useSample = createStoreHook((client) =>
  createMirror(client, () => client.invoke("sample.status", {}), ["sample"]),
);
