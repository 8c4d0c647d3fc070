import type { ServerMessage } from "../../shared/contract/envelope.ts";
import type { ArgsOf, MethodName, ResultOf } from "../../shared/contract/methods.ts";
import type { TopicName, Topics } from "../../shared/contract/topics.ts";
import { AppError, type ErrorValue } from "../../shared/error/app-error.ts";
import type { ConnectionState, Transport } from "./transport.ts";
import { createListeners } from "./transport.ts";

/** What a topic tells: the whole first and after every interruption, then what changed. */
export interface TopicListener<T extends TopicName> {
  snapshot(value: Topics[T]["snapshot"]): void;
  delta(value: Topics[T]["delta"]): void;
}

/** The services, as screens and stores see them. */
export interface Client {
  /**
   * Asks for one thing. While the connection is on its way the question waits; a question that was under way when the
   * connection broke is rejected with window.disconnected, because nobody knows whether it was heard.
   * Rejects with AppError alone.
   */
  invoke<N extends MethodName>(method: N, args: ArgsOf<N>): Promise<ResultOf<N>>;
  /** Listens to a topic over all interruptions. @returns ends the listening */
  subscribe<T extends TopicName>(topic: T, listener: TopicListener<T>): () => void;
  /** Where a dropped file lies; null where the window is not told (a browser's is not). */
  pathOf(file: File): string | null;
  readonly connection: {
    state(): ConnectionState;
    /** Called at each change. @returns ends the listening */
    subscribe(listener: (state: ConnectionState) => void): () => void;
  };
}

interface Waiting {
  readonly method: string;
  readonly args: unknown;
  // The wire knows no types: that a reply is of its method's type is what both sides' contract says.
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  resolve(value: any): void;
  reject(error: AppError): void;
  isSent: boolean;
}

interface Subscription {
  readonly topic: TopicName;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly listener: { snapshot(value: any): void; delta(value: any): void };
  /** Of the last message that was in order; null before the snapshot. */
  seq: number | null;
}

/** The typed client over any transport. */
export function createClient(transport: Transport): Client {
  const waiting = new Map<number, Waiting>();
  const subscriptions = new Map<number, Subscription>();
  const stateListeners = createListeners<ConnectionState>();
  let state: ConnectionState = "connecting";
  let lastId = 0;

  function sendInvoke(id: number, question: Waiting): void {
    question.isSent = true;
    transport.send({ kind: "invoke", id, method: question.method, args: question.args });
  }

  function start(subscription: Subscription): number {
    lastId += 1;
    subscription.seq = null;
    subscriptions.set(lastId, subscription);
    if (state === "open") transport.send({ kind: "subscribe", id: lastId, topic: subscription.topic });
    return lastId;
  }

  function stop(id: number): void {
    if (subscriptions.delete(id) && state === "open") transport.send({ kind: "unsubscribe", id });
  }

  /** Ids last as long as a connection: over a new one, and after a gap, a topic is asked for under a new one. */
  function startAnew(id: number, subscription: Subscription): void {
    stop(id);
    start(subscription);
  }

  function rejectWaiting(error: AppError, which: (question: Waiting) => boolean): void {
    for (const [id, question] of waiting) {
      if (!which(question)) continue;
      waiting.delete(id);
      question.reject(error);
    }
  }

  function onState(next: ConnectionState): void {
    const before = state;
    state = next;
    if (next === "open") {
      const listening = [...subscriptions.values()];
      subscriptions.clear();
      for (const subscription of listening) start(subscription);
      for (const [id, question] of waiting) sendInvoke(id, question);
    } else if (next === "closed") {
      rejectWaiting(disconnected(), () => true);
    } else if (before === "open") {
      rejectWaiting(disconnected(), (question) => question.isSent);
    }
    if (next !== before) stateListeners.call(next);
  }

  function onMessage(message: ServerMessage): void {
    if (message.kind === "reply") {
      const question = waiting.get(message.id);
      waiting.delete(message.id);
      if (question === undefined) return;
      if (message.ok) question.resolve(message.value);
      else question.reject(appErrorOf(message.error));
      return;
    }
    const subscription = subscriptions.get(message.id);
    if (subscription === undefined) return;
    if (message.kind === "snapshot") {
      subscription.seq = message.seq;
      subscription.listener.snapshot(message.value);
    } else if (subscription.seq !== null && message.seq === subscription.seq + 1) {
      subscription.seq = message.seq;
      subscription.listener.delta(message.value);
    } else {
      startAnew(message.id, subscription);
    }
  }

  transport.onMessage(onMessage);
  transport.onState(onState);

  return {
    invoke(method, args) {
      if (state === "closed") return Promise.reject(disconnected());
      return new Promise((resolve, reject) => {
        lastId += 1;
        const question: Waiting = { method, args, resolve, reject, isSent: false };
        waiting.set(lastId, question);
        if (state === "open") sendInvoke(lastId, question);
      });
    },
    subscribe(topic, listener) {
      const subscription: Subscription = { topic, listener, seq: null };
      start(subscription);
      return () => {
        for (const [id, each] of subscriptions) if (each === subscription) stop(id);
      };
    },
    pathOf: (file) => transport.pathOf?.(file) || null,
    connection: { state: () => state, subscribe: stateListeners.add },
  };
}

function appErrorOf({ code, message, detail, hint }: ErrorValue): AppError {
  return new AppError(code, message, { detail, hint });
}

function disconnected(): AppError {
  return new AppError("window.disconnected", "The connection to Lifeboat broke before the answer came.");
}
