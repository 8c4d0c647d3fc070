import type { ArgsOf, MethodName, ResultOf } from "../../shared/contract/methods.ts";
import type { NamedPaths } from "../../shared/contract/named-paths.ts";
import type { TopicName, Topics } from "../../shared/contract/topics.ts";

/** One window's connection, as handlers see it: what they keep for it goes when it goes. */
export interface ClientSession {
  /** Aborted when the window is gone. Jobs go on; looks at servers and archives end. */
  readonly signal: AbortSignal;
  /** Things kept for this window under a key of the keeper's own; `close` is called when the window is gone. */
  keep<T extends object>(key: symbol, make: () => T, close: (kept: T) => void): T;
}

/** One function for each method of the contract, with arguments that were checked at the door. */
export type Handlers = {
  readonly [N in MethodName]: (args: ArgsOf<N>, session: ClientSession) => Promise<ResultOf<N>>;
};

/** Where a topic's stream comes from. */
export interface TopicSource<T extends TopicName> {
  snapshot(): Topics[T]["snapshot"] | Promise<Topics[T]["snapshot"]>;
  /** Calls the listener at every change until what it gives is called. */
  listen(listener: (delta: Topics[T]["delta"]) => void): () => void;
}

export type TopicSources = { readonly [T in TopicName]: TopicSource<T> };

/** What a host serves: the same behind Electron's IPC and the browser's WebSocket. */
export interface ServedApp {
  readonly handlers: Handlers;
  readonly topics: TopicSources;
  /**
   * Refuses files and folders that a window may not name, before a handler sees them. Null where the system's own dialogs
   * choose them.
   * @throws contract.placeNotAllowed
   */
  readonly admitPaths: ((named: NamedPaths) => Promise<void>) | null;
}
