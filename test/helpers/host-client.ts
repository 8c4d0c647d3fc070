import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { ArgsOf, MethodName, ResultOf } from "../../shared/contract/methods.ts";
import type { TopicName, Topics } from "../../shared/contract/topics.ts";
import type { ErrorValue } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import type { TestHost } from "./host.ts";

/** One message of a topic's stream. */
export interface Streamed {
  readonly kind: "snapshot" | "delta";
  readonly seq: number;
  readonly value: unknown;
}

/** A window without a window: speaks the wire and keeps everything that was ever received. */
export interface HostClient {
  readonly token: string;
  /** Every frame, as text, in order. */
  readonly frames: readonly string[];
  /** The socket itself, for tests of the socket. */
  readonly socket: WebSocket;
  invoke<N extends MethodName>(method: N, args: ArgsOf<N>): Promise<ResultOf<N>>;
  /** The error of a call that is to fail. */
  refused(method: string, args: unknown): Promise<ErrorValue>;
  subscribe(topic: TopicName): Streamed[];
  /** Waits for a job's end, through the topic. */
  ended(jobId: string): Promise<Job>;
  close(): void;
}

/** Exchanges a fresh code for a token. */
export async function getToken(host: TestHost): Promise<string> {
  const origin = `http://127.0.0.1:${host.port}`;
  const [, code] = host.freshUrl().split("#code=");
  const response = await fetch(`${origin}/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const body: unknown = await response.json();
  if (typeof body === "object" && body !== null && "token" in body && typeof body.token === "string") return body.token;
  throw new Error(`no token: ${response.status}`);
}

/** @param token left out: a fresh one */
export async function connectClient(host: TestHost, token?: string): Promise<HostClient> {
  const given = token ?? (await getToken(host));
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { origin: `http://127.0.0.1:${host.port}` });
  const frames: string[] = [];
  const waiting = new Map<number, (reply: Reply) => void>();
  const streams = new Map<number, Streamed[]>();
  let nextId = 0;

  const ready = new Promise<void>((resolve, reject) => {
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      frames.push(text);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test reads what the host says it sends
      const message = JSON.parse(text) as Message;
      if (message.kind === "ready") resolve();
      else if (message.kind === "reply") waiting.get(message.id)?.(message);
      else streams.get(message.id)?.push(message);
    });
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
  });
  ready.catch(() => {});
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  socket.send(JSON.stringify({ kind: "token", token: given }));
  await ready;

  function call(method: string, args: unknown): Promise<Reply> {
    const id = (nextId += 1);
    return new Promise((resolve, reject) => {
      waiting.set(id, resolve);
      socket.once("close", () => reject(new Error(`closed during ${method}`)));
      socket.send(JSON.stringify({ kind: "invoke", id, method, args }));
    });
  }

  function subscribe(topic: TopicName): Streamed[] {
    const id = (nextId += 1);
    const received: Streamed[] = [];
    streams.set(id, received);
    socket.send(JSON.stringify({ kind: "subscribe", id, topic }));
    return received;
  }

  socket.setMaxListeners(0);
  return {
    token: given,
    frames,
    socket,
    async invoke<N extends MethodName>(method: N, args: ArgsOf<N>) {
      const reply = await call(method, args);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      if (reply.ok) return reply.value as ResultOf<N>;
      throw new Error(`${method}: ${JSON.stringify(reply.error)}`);
    },
    async refused(method, args) {
      const reply = await call(method, args);
      if (reply.ok) throw new Error(`${method} was not refused: ${JSON.stringify(reply.value)}`);
      return reply.error;
    },
    subscribe,
    async ended(jobId) {
      const stream = subscribe("jobs");
      for (let waitedMs = 0; waitedMs < 90_000; waitedMs += 30) {
        const job = stream.flatMap(jobsIn).findLast(({ id }) => id === jobId);
        if (job !== undefined && isEnded(job.state)) return job;
        // oxlint-disable-next-line no-await-in-loop -- waiting is the point
        await sleep(30);
      }
      throw new Error(`job ${jobId} did not end`);
    },
    close: () => socket.terminate(),
  };
}

type Message =
  | { readonly kind: "ready" }
  | ({ readonly kind: "reply"; readonly id: number } & Reply)
  | (Streamed & { readonly id: number });

type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorValue };

/** The jobs that a message of the topic jobs carries. */
export function jobsIn({ kind, value }: Streamed): readonly Job[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the topic jobs, says the caller
  if (kind === "snapshot") return value as Topics["jobs"]["snapshot"];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const delta = value as Topics["jobs"]["delta"];
  return "changed" in delta ? [delta.changed] : [];
}
