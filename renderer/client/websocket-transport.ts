import type {
  ClientMessage,
  DoorMessage,
  ReadyMessage,
  ServerMessage,
  socketRefused,
} from "../../shared/contract/envelope.ts";
import { retryDelayMs } from "./backoff.ts";
import { type ConnectionState, createListeners, type Transport } from "./transport.ts";

/** What is heard from a socket. */
export interface SocketListeners {
  opened(): void;
  heard(text: string): void;
  /** @param code why it ended, as the host says it */
  ended(code: number): void;
}

/** What the transport needs of a browser, so that tests bring their own. */
export interface WebSocketSurroundings {
  /** Opens a socket to the host. */
  openSocket(listeners: SocketListeners): { send(text: string): void };
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
  let socket: { send(text: string): void } | null = null;
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
    socket = surroundings.openSocket({
      opened() {
        const door: DoorMessage = { kind: "token", token };
        socket?.send(JSON.stringify(door));
      },
      heard(text) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the host is of this very version: it served this page
        const message = JSON.parse(text) as ServerMessage | ReadyMessage;
        if (message.kind !== "ready") return messages.call(message);
        attempt = 0;
        become("open");
      },
      ended(code) {
        socket = null;
        if (code === refused) {
          surroundings.forgetToken();
          become("closed");
        } else {
          void retry();
        }
      },
    });
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
