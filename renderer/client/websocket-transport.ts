import type {
  ClientMessage,
  DoorMessage,
  ReadyMessage,
  ServerMessage,
  socketRefused,
} from "../../shared/contract/envelope.ts";
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
  /** Opens a socket to the host. */
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

/** Repeated, and held to it by its type: a value from the contract would bring zod into the bundle. */
const refused: typeof socketRefused = 4401;

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
    opened.onopen = () => {
      const door: DoorMessage = { kind: "token", token };
      opened.send(JSON.stringify(door));
    };
    opened.onmessage = ({ data }) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the host is of this very version: it served this page
      const message = JSON.parse(String(data)) as ServerMessage | ReadyMessage;
      if (message.kind === "ready") {
        attempt = 0;
        become("open");
      } else {
        messages.call(message);
      }
    };
    opened.onclose = ({ code }) => {
      socket = null;
      if (code !== refused) return void retry();
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
