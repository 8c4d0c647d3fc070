import type { StreamMessage } from "../../shared/contract/envelope.ts";

/** The way out to one window. */
export interface Pipe {
  send(message: StreamMessage): void;
  /** What was sent and is not taken yet, in bytes. */
  waitingBytes(): number;
}

/** What a stream is fed from; a topic's source without its types. */
export interface StreamSource {
  snapshot(): unknown;
  listen(listener: (delta: unknown) => void): () => void;
}

export interface Stream {
  /** To be called when the window has taken what was waiting. */
  drained(): void;
  close(): void;
}

/** With this much waiting, a window does not keep up: it gets no more deltas until it has taken it all. */
const fullBytes = 1_000_000;

/**
 * Feeds one subscription: a snapshot, then numbered deltas. A window that does not keep up misses deltas and gets a fresh
 * snapshot when it has caught up, so a slow one costs neither memory nor the others' time.
 * A source must give whole records: a delta that the snapshot already holds may follow it.
 */
export function openStream(id: number, source: StreamSource, pipe: Pipe, onError: (error: unknown) => void): Stream {
  let seq = 0;
  let state: "live" | "loading" | "behind" | "closed" = "loading";
  let held: unknown[] = [];

  const stop = source.listen((delta) => {
    if (state === "loading") held.push(delta);
    else if (state === "live") send(delta);
  });

  function send(delta: unknown): void {
    if (pipe.waitingBytes() > fullBytes) state = "behind";
    else pipe.send({ kind: "delta", id, seq: ++seq, value: delta });
  }

  async function load(): Promise<void> {
    try {
      const value = await source.snapshot();
      if (state === "closed") return;
      pipe.send({ kind: "snapshot", id, seq: ++seq, value });
      state = "live";
      const late = held;
      held = [];
      for (const delta of late) if (isLive()) send(delta);
    } catch (error) {
      onError(error);
    }
  }

  const isLive = () => state === "live";

  void load();
  return {
    drained() {
      if (state !== "behind" || pipe.waitingBytes() > fullBytes / 4) return;
      state = "loading";
      held = [];
      void load();
    },
    close() {
      state = "closed";
      held = [];
      stop();
    },
  };
}
