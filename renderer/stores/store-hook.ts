import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Client } from "../client/client.ts";
import { useClient } from "../client/client-context.ts";

/** Gives the whole state, or what the selector takes of it; renders anew only when that changes. */
export type StoreHook<State> = <Part = State>(select?: (state: State) => Part) => Part;

/**
 * A hook over a store that exists once per client and is made when a screen first asks for it. Each room keeps its own
 * stores this way; there is no list of all stores that everybody edits.
 */
export function createStoreHook<State>(create: (client: Client) => StoreApi<State>): StoreHook<State> {
  const storeOf = perClient(create);
  return function useStoreOfClient<Part>(select?: (state: State) => Part) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a selector Part is State
    return useStore(storeOf(useClient()), select ?? (whole as (state: State) => Part));
  };
}

const whole = (state: unknown) => state;

/** The store itself, for what is done outside of rendering. */
export function perClient<Value>(create: (client: Client) => Value): (client: Client) => Value {
  const made = new WeakMap<Client, { readonly value: Value }>();
  return (client) => {
    let entry = made.get(client);
    if (entry === undefined) {
      entry = { value: create(client) };
      made.set(client, entry);
    }
    return entry.value;
  };
}
