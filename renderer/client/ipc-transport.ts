import type { ClientMessage, ServerMessage } from "../../shared/contract/envelope.ts";
import type { Transport } from "./transport.ts";

/** What the desktop window's preload offers. */
export interface Bridge {
  post(message: ClientMessage): void;
  onMessage(listener: (message: ServerMessage) => void): void;
  /** Empty for a file that the page made itself. */
  pathOf(file: File): string;
}

/** The way to the services within the desktop window: there as long as the window is. */
export function createIpcTransport(bridge: Bridge): Transport {
  const listeners = new Set<(message: ServerMessage) => void>();
  bridge.onMessage((message) => {
    for (const listener of listeners) listener(message);
  });
  return {
    send: (message) => bridge.post(message),
    pathOf: (file) => bridge.pathOf(file),
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onState(listener) {
      listener("open");
      return () => undefined;
    },
  };
}
