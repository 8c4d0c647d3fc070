import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openStream } from "../../../electron/host/streams.ts";
import type { StreamMessage } from "../../../shared/contract/envelope.ts";

function setUp(snapshot: () => unknown = () => "all") {
  const sent: StreamMessage[] = [];
  const listeners = new Set<(delta: unknown) => void>();
  const errors: unknown[] = [];
  const pipe = { waiting: 0 };
  const source = {
    snapshot,
    listen(listener: (delta: unknown) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const way = { send: (message: StreamMessage) => sent.push(message), waitingBytes: () => pipe.waiting };
  const stream = openStream(7, source, way, (error) => errors.push(error));
  const tell = (delta: unknown) => listeners.forEach((listener) => listener(delta));
  return { sent, listeners, errors, pipe, stream, tell };
}

describe("a stream", () => {
  it("is a snapshot, then deltas numbered on from it", async () => {
    const { sent, tell } = setUp();
    await sleep(0);
    tell("one");
    tell("two");
    expect(sent).toEqual([
      { kind: "snapshot", id: 7, seq: 1, value: "all" },
      { kind: "delta", id: 7, seq: 2, value: "one" },
      { kind: "delta", id: 7, seq: 3, value: "two" },
    ]);
  });

  it("loses nothing that happens while the snapshot is being read", async () => {
    const { sent, tell } = setUp(async () => {
      await sleep(10);
      return "late";
    });
    tell("meanwhile");
    expect(sent).toEqual([]);
    await sleep(30);
    expect(sent.map(({ value }) => value)).toEqual(["late", "meanwhile"]);
  });

  it("spares a window that does not keep up, and gives it the whole again when it has caught up", async () => {
    let state = "first";
    const { sent, tell, pipe, stream } = setUp(() => state);
    await sleep(0);
    pipe.waiting = 5_000_000;
    for (let count = 0; count < 1000; count += 1) tell(count);
    expect(sent).toHaveLength(1);
    state = "second";
    stream.drained();
    await sleep(0);
    expect(sent).toHaveLength(1);
    pipe.waiting = 0;
    stream.drained();
    await sleep(0);
    tell("after");
    expect(sent.slice(1)).toEqual([
      { kind: "snapshot", id: 7, seq: 2, value: "second" },
      { kind: "delta", id: 7, seq: 3, value: "after" },
    ]);
  });

  it("ends with its subscription, and says when it cannot begin", async () => {
    const { sent, listeners, stream } = setUp(() => sleep(5));
    stream.close();
    await sleep(15);
    expect(sent).toEqual([]);
    expect(listeners.size).toBe(0);
    const broken = setUp(() => Promise.reject(new Error("no store")));
    await sleep(0);
    expect(broken.errors).toHaveLength(1);
  });
});
