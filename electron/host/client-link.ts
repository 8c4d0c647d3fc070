import { clientMessageSchema, type Reply, type ServerMessage } from "../../shared/contract/envelope.ts";
import { topicNames } from "../../shared/contract/topics.ts";
import { AppError, toErrorValue } from "../../shared/error/app-error.ts";
import { dispatch } from "./dispatch.ts";
import type { ClientSession, ServedApp } from "./served-app.ts";
import { openStream, type Stream } from "./streams.ts";

/** The way to one window, whatever carries it. */
export interface ClientPipe {
  send(message: ServerMessage): void;
  waitingBytes(): number;
}

/** One window's connection. Both hosts feed it and end it. */
export interface ClientLink {
  /** A message from the window, of any shape. Gives false where it is none, and the connection should end. */
  receive(message: unknown): boolean;
  /** The window has taken what was waiting. */
  drained(): void;
  close(): void;
}

/** More at once is no window of ours. */
const mostCalls = 64;
const mostStreams = 32;

/** Serves the app to one window: calls through dispatch, subscriptions through streams. */
export function linkClient(app: ServedApp, pipe: ClientPipe): ClientLink {
  const controller = new AbortController();
  const kept = new Map<symbol, { readonly value: object; readonly close: () => void }>();
  const streams = new Map<number, Stream>();
  let calls = 0;
  let isOpen = true;

  const session: ClientSession = {
    signal: controller.signal,
    keep(key, make, close) {
      const known = kept.get(key);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key's keeper alone knows it, and made it of this type
      if (known !== undefined) return known.value as ReturnType<typeof make>;
      const value = make();
      // A call may end after the window has gone; what it makes then is not kept.
      if (isOpen) kept.set(key, { value, close: () => close(value) });
      return value;
    },
  };

  function send(message: ServerMessage): void {
    if (isOpen) pipe.send(message);
  }

  function refuse(id: number, error: unknown): void {
    send({ kind: "reply", id, ok: false, error: toErrorValue(error) });
  }

  async function call(id: number, method: string, args: unknown): Promise<void> {
    if (calls >= mostCalls)
      return refuse(id, new AppError("contract.tooMany", "Too many calls at once.", { hint: "Wait for the others." }));
    calls += 1;
    const outcome = await dispatch(app, session, method, args);
    calls -= 1;
    const reply: Reply = { kind: "reply", id, ...outcome };
    send(reply);
  }

  function subscribe(id: number, topic: string): void {
    const name = topicNames.find((known) => known === topic);
    if (name === undefined)
      return refuse(
        id,
        new AppError("contract.unknownMethod", "There is no such topic.", { detail: topic.slice(0, 100) }),
      );
    if (streams.has(id) || streams.size >= mostStreams)
      return refuse(id, new AppError("contract.tooMany", "Too many subscriptions."));
    send({ kind: "reply", id, ok: true, value: null });
    const onError = (error: unknown) => {
      streams.get(id)?.close();
      streams.delete(id);
      refuse(id, error);
    };
    streams.set(id, openStream(id, app.topics[name], { send, waitingBytes: () => pipe.waitingBytes() }, onError));
  }

  return {
    receive(message) {
      const parsed = clientMessageSchema.safeParse(message);
      if (!parsed.success || !isOpen) return false;
      const { data } = parsed;
      if (data.kind === "invoke") void call(data.id, data.method, data.args);
      else if (data.kind === "subscribe") subscribe(data.id, data.topic);
      else {
        streams.get(data.id)?.close();
        streams.delete(data.id);
      }
      return true;
    },
    drained() {
      for (const stream of streams.values()) stream.drained();
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      for (const stream of streams.values()) stream.close();
      streams.clear();
      controller.abort(new AppError("job.cancelled", "The window is gone."));
      for (const { close } of kept.values()) close();
      kept.clear();
    },
  };
}
