/** Pieces on their way from one who gives to one who takes, some of them waiting between the two. */
export interface PieceQueue {
  /** What the taker reads. Ends when the giver does, or throws what it was broken with. */
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly isFull: boolean;
  /** How many bytes wait. */
  readonly waitingBytes: number;
  /** How many bytes the taker has taken so far. */
  readonly takenBytes: number;
  push(piece: Uint8Array): void;
  /** Resolves when it is not full any more, and when it is broken. */
  room(): Promise<void>;
  end(): void;
  /** Lets what waits go; the taker's next step throws this, also behind end(). */
  break(error: unknown): void;
}

function nobody(): void {}

/** @param boundBytes from here on it is full; the giver may push once more, since pieces have any length */
export function createPieceQueue(boundBytes: number): PieceQueue {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let takenBytes = 0;
  let isEnded = false;
  let broken: { readonly error: unknown } | null = null;
  let wakeTaker = nobody;
  let wakeGiver = nobody;

  function throwIfBroken(): void {
    if (broken !== null) throw broken.error;
  }

  async function* take(): AsyncGenerator<Uint8Array> {
    for (;;) {
      throwIfBroken();
      const pieces = waiting;
      waiting = [];
      for (const piece of pieces) {
        waitingBytes -= piece.length;
        takenBytes += piece.length;
        if (waitingBytes < boundBytes) wakeGiver();
        yield piece;
        throwIfBroken();
      }
      if (waiting.length > 0) continue;
      if (isEnded) return;
      // oxlint-disable-next-line no-await-in-loop -- for what comes next
      await new Promise<void>((resolve) => (wakeTaker = resolve));
    }
  }

  return {
    pieces: take(),
    get isFull() {
      return broken === null && waitingBytes >= boundBytes;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get takenBytes() {
      return takenBytes;
    },
    push(piece) {
      if (isEnded || broken !== null || piece.length === 0) return;
      waiting.push(piece);
      waitingBytes += piece.length;
      wakeTaker();
    },
    room() {
      return this.isFull ? new Promise<void>((resolve) => (wakeGiver = resolve)) : Promise.resolve();
    },
    end() {
      isEnded = true;
      wakeTaker();
    },
    break(error) {
      broken ??= { error };
      waiting = [];
      waitingBytes = 0;
      wakeTaker();
      wakeGiver();
    },
  };
}
