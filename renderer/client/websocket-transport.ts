import type { ClientMessage, ServerMessage } from "../../shared/contract/envelope.ts";
import { retryDelayMs } from "./backoff.ts";
import { type ConnectionState, createListeners, type Transport } from "./transport.ts";

/** The part of a browser's WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What the transport needs of a browser, so that tests bring their own. */
export interface WebSocketSurroundings {
  /** Opens a socket to the host's `/socket`. */
  openSocket(): Socket;
  /**
   * The session's token: kept in this tab, else exchanged for the one-time code of the address.
   * null: there is none to be had. Rejects when the host cannot be reached.
   */
  getToken(): Promise<string | null>;
  /** The host knows the token no more. */
  forgetToken(): void;
  wait(ms: number): Promise<void>;
}

/** The host ends a connection with this code when the token is unknown. */
export const unknownTokenCode = 4401;

/** The way to the browser host: says who it is in the first message, comes back by itself when the way breaks. */
export function createWebSocketTransport(surroundings: WebSocketSurroundings): Transport {
  const messages = createListeners<ServerMessage>();
  const states = createListeners<ConnectionState>();
  let state: ConnectionState = "connecting";
  let socket: Socket | null = null;
  let attempt = 0;

  function become(next: ConnectionState): void {
    if (state === next) return;
    state = next;
    states.call(next);
  }

  async function connect(): Promise<void> {
    let token: string | null;
    try {
      token = await surroundings.getToken();
    } catch {
      return retry();
    }
    if (token === null) return become("closed");
    open(token);
  }

  function open(token: string): void {
    const opened = surroundings.openSocket();
    socket = opened;
    opened.onopen = () => opened.send(JSON.stringify({ kind: "hello", token }));
    opened.onmessage = (event) => {
      const message: unknown = JSON.parse(String(event.data));
      if (isWelcome(message)) {
        attempt = 0;
        become("open");
      } else {
        messages.call(message as ServerMessage);
      }
    };
    opened.onclose = ({ code }) => {
      socket = null;
      if (code !== unknownTokenCode) return void retry();
      surroundings.forgetToken();
      become("closed");
    };
  }

  async function retry(): Promise<void> {
    become("lost");
    await surroundings.wait(retryDelayMs(attempt));
    attempt += 1;
    await connect();
  }

  void connect();

  return {
    send(message: ClientMessage) {
      if (state === "open") socket?.send(JSON.stringify(message));
    },
    onMessage: messages.add,
    onState(listener) {
      listener(state);
      return states.add(listener);
    },
  };
}

/** The host's answer to the first message: from here on it listens. */
function isWelcome(message: unknown): boolean {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === "welcome";
}
