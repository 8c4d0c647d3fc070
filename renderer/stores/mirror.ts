import { createStore, type StoreApi } from "zustand/vanilla";
import type { Topics } from "../../shared/contract/topics.ts";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import type { Client } from "../client/client.ts";

/** What the services hold, as this window last heard it. While it is asked for again the last value stays. */
export interface Mirror<Value> {
  /** null before the first answer. */
  readonly value: Value | null;
  /** Why the last question was not answered; null where it was. */
  readonly error: ErrorValue | null;
  /** Asks again. */
  reload(): void;
}

/**
 * A store of one answer: asked for at once, after each change of the named kind and after each interruption.
 * Questions do not pile up: one that comes while another is under way is asked once more at its end.
 */
export function createMirror<Value>(
  client: Client,
  ask: () => Promise<Value>,
  changes: readonly Topics["changes"]["delta"]["what"][],
): StoreApi<Mirror<Value>> {
  let isAsking = false;
  let isStale = false;

  async function load(): Promise<void> {
    isStale = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      store.setState({ value: await ask(), error: null });
    } catch (thrown) {
      store.setState({ error: toErrorValue(thrown) });
    }
    isAsking = false;
    if (isStale) void load();
  }

  const store = createStore<Mirror<Value>>(() => ({ value: null, error: null, reload: () => void load() }));
  if (changes.length === 0) {
    void load();
  } else {
    // The snapshot comes at the start and after each interruption: both times the answer has to be asked for.
    client.subscribe("changes", {
      snapshot: () => void load(),
      delta: ({ what }) => {
        if (changes.includes(what)) void load();
      },
    });
  }
  return store;
}
