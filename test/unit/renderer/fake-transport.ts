import { type ConnectionState, createListeners, type Transport } from "../../../renderer/client/transport.ts";
import type { ClientMessage, ServerMessage } from "../../../shared/contract/envelope.ts";

/** A transport whose host is the test. */
export interface FakeTransport extends Transport {
  /** Everything the client has sent, in order. */
  readonly sent: ClientMessage[];
  /** The last message of a kind; throws where there is none. */
  last<K extends ClientMessage["kind"]>(kind: K): Extract<ClientMessage, { kind: K }>;
  receive(message: ServerMessage): void;
  become(state: ConnectionState): void;
}

export function createFakeTransport(initial: ConnectionState = "open"): FakeTransport {
  const messages = createListeners<ServerMessage>();
  const states = createListeners<ConnectionState>();
  const sent: ClientMessage[] = [];
  let state = initial;
  return {
    sent,
    last<K extends ClientMessage["kind"]>(kind: K) {
      const found = sent.findLast((message): message is Extract<ClientMessage, { kind: K }> => message.kind === kind);
      if (found === undefined) throw new Error(`no ${kind} was sent`);
      return found;
    },
    send: (message) => void sent.push(message),
    onMessage: (listener) => messages.add(listener),
    onState(listener) {
      listener(state);
      return states.add(listener);
    },
    receive: (message) => messages.call(message),
    become(next) {
      state = next;
      states.call(next);
    },
  };
}
