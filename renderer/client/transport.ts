import type { ClientMessage, ServerMessage } from "../../shared/contract/envelope.ts";

/**
 * Where the way to the services stands. `lost` with `retrying` mends itself; `closed` does not: this window's session has
 * ended (the host was started anew or the address was used before), and only its host can give a new one.
 */
export type ConnectionState = "connecting" | "open" | "lost" | "closed";

/** Carries messages between this window and its host; knows nothing of what is in them. */
export interface Transport {
  /** Sends while the connection is open; a message given at another time is dropped, the client sends it anew. */
  send(message: ClientMessage): void;
  /** @returns ends the listening */
  onMessage(listener: (message: ServerMessage) => void): () => void;
  /** Called at once with the state as it is, then at each change. @returns ends the listening */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Where a file lies that was dropped on the window. Left out where a page is not told. */
  pathOf?(file: File): string;
}

/** Listeners of one thing, called in the order they came. */
export function createListeners<Value>() {
  const listeners = new Set<(value: Value) => void>();
  return {
    add(listener: (value: Value) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(value: Value): void {
      for (const listener of listeners) listener(value);
    },
  };
}
