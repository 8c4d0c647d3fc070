import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const mostRecent = 4;
const store = createStore<{ readonly ids: readonly string[] }>(() => ({ ids: [] }));

/** Puts what was chosen first among the recent; they last as long as the window. */
export function rememberChoice(id: string): void {
  store.setState(({ ids }) => ({ ids: [id, ...ids.filter((each) => each !== id)].slice(0, mostRecent) }));
}

/** Ids of what was chosen in the palette, the latest first. */
export function useRecent(): readonly string[] {
  return useStore(store, ({ ids }) => ids);
}
