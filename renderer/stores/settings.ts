import { createStore } from "zustand/vanilla";
import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { Settings } from "../../shared/contract/views.ts";
import type { Client } from "../client/client.ts";
import { createStoreHook } from "./store-hook.ts";

export interface SettingsState {
  /** null before the first answer. */
  readonly value: Settings | null;
  /** Changes some of them. Rejects with AppError; what is shown follows the services, so that windows agree. */
  change(part: ArgsOf<"settings.set">): Promise<void>;
}

/** The settings as every window of this home shows them. */
export function createSettingsStore(client: Client) {
  const store = createStore<SettingsState>(() => ({
    value: null,
    async change(part) {
      store.setState({ value: await client.invoke("settings.set", part) });
    },
  }));
  const take = (value: Settings) => store.setState({ value });
  client.subscribe("settings", { snapshot: take, delta: take });
  return store;
}

export const useSettings = createStoreHook(createSettingsStore);
