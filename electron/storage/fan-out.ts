import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { createPieceQueue, type PieceQueue } from "./piece-queue.ts";
import { failureIn, isFolder, type Place, takesPart } from "./place.ts";
import { createRunningDigest, type FileDigest } from "./running-digest.ts";

/** How long a place may keep the others waiting. */
export interface Patience {
  /**
   * Where a folder could give it its copy: a place that has kept the others waiting for so long in all, and for a tenth of
   * the time besides, is behind, and gets its copy from there when all is done.
   */
  readonly behindMs: number;
  /** Where none does, so that the place sets the pace: after this without taking a byte it is given up. */
  readonly stallMs: number;
}

export interface FanOutOptions {
  readonly signal: AbortSignal;
  /** As WriteOptions has it. */
  readonly expectedBytes?: number | undefined;
  readonly onPartial?: ((path: string) => void) | undefined;
  /** The first bytes are set at the end. */
  readonly hasLateHead: boolean;
  readonly patience?: Patience | undefined;
  /** Told which place the others wait for, and null when they do not any more. */
  readonly onWaiting?: ((location: string | null) => void) | undefined;
}

/** The beginning of a stream, to be replaced when all of it is there. */
export interface HeldHead {
  /** Says how long it is, as soon as that is known. @returns false where that is too much to hold back: it stays as it is */
  expect(sizeBytes: number): boolean;
  replace(bytes: Uint8Array): void;
}

/** One new file that is written to several places at once. */
export interface FannedFile {
  /** Resolves when there is room for more everywhere. The bytes must not change any more. @throws when no place is left */
  write(bytes: Uint8Array): Promise<void>;
  readonly head: HeldHead | null;
  /**
   * Ends it in every place that still takes part; it has its name there when this resolves.
   * @throws why, when it is whole in none
   */
  commit(): Promise<FileDigest>;
  /** For any way out but commit(): nothing of it stays anywhere. */
  discard(): Promise<void>;
}

/** What waits for one place: enough for a moment's hesitation. */
const queueBytes = 16 * 1024 * 1024;
/** A head longer than this is not held back where a place would have to keep it in memory: 60,000 tables and more. */
const mostHeldBytes = 48 * 1024 * 1024;
/** In memory for all uploads together. */
const uploadBytes = 160 * 1024 * 1024;
/** An upload takes parts in turns, so a slow line that is alive looks still for minutes; a dead one is told by the storage sooner. */
const usualPatience: Patience = { behindMs: 3000, stallMs: 15 * 60_000 };

interface Branch {
  readonly place: Place;
  readonly queue: PieceQueue;
  /** How long the others have waited for it. */
  waitedMs: number;
  /** The whole's hash where the storage has read it back; null where it has failed, too. Never rejects. */
  readonly ended: Promise<string | null>;
}

/**
 * Begins a file in every place that takes part. Each has its own buffer and its own verdict: one that fails drops out, with
 * the reason in its `failure`, and the others go on.
 * @param path in each storage; nothing may be there
 */
export function openFanOut(path: string, places: readonly Place[], options: FanOutOptions): FannedFile {
  const { signal, patience = usualPatience, onWaiting = () => {} } = options;
  const taking = places.filter(takesPart);
  const uploads = taking.filter((place) => !isFolder(place)).length;
  const mostHeld = uploads === 0 ? Number.POSITIVE_INFINITY : mostHeldBytes;
  let headBytes = options.hasLateHead ? Number.POSITIVE_INFINITY : 0;
  let headInPlace: Uint8Array | null = null;
  let isOver = false;
  const startedAt = Date.now();
  const digest = createRunningDigest(options.hasLateHead ? () => headBytes : null);
  const lateHead = {
    get sizeBytes() {
      return headBytes;
    },
    bytes: () => headInPlace,
  };
  const branches = taking.map(openBranch);

  function openBranch(place: Place): Branch {
    const queue = createPieceQueue(queueBytes);
    const ended = place.storage
      .write(path, queue.pieces, {
        ifAbsent: true,
        signal,
        expectedBytes: options.expectedBytes,
        memoryBytes: Math.floor(uploadBytes / Math.max(1, uploads)),
        onPartial: options.onPartial,
        ...(options.hasLateHead ? { lateHead } : {}),
      })
      .then(
        ({ sha256 }) => {
          place.written.push(path);
          return sha256;
        },
        (error: unknown) => {
          if (takesPart(place) && !isOver && !signal.aborted) place.failure = failureIn(place, path, error);
          queue.break(error);
          return null;
        },
      );
    return { place, queue, waitedMs: 0, ended };
  }

  const live = (): Branch[] => branches.filter(({ place }) => takesPart(place));

  function insistOnOne(): void {
    signal.throwIfAborted();
    if (live().length === 0) throw firstFailure(places);
  }

  /** Waits for a place that has no room, until it has, is behind, or is given up. */
  async function waitFor(branch: Branch): Promise<void> {
    const { place, queue } = branch;
    const waited = new AbortController();
    const since = Date.now();
    try {
      while (queue.isFull && takesPart(place) && !signal.aborted) {
        const taken = queue.takenBytes;
        const canFollow = live().some((other) => other.place !== place && isFolder(other.place));
        const grantedMs = patience.behindMs + (Date.now() - startedAt) / 10 - branch.waitedMs - (Date.now() - since);
        const limitMs = canFollow ? Math.max(1, grantedMs) : patience.stallMs;
        const late = sleep(limitMs, true, { signal: waited.signal }).catch(() => false);
        // oxlint-disable-next-line no-await-in-loop -- waiting is the point
        if (!(await Promise.race([queue.room().then(() => false), late]))) continue;
        if (canFollow) place.isBehind = true;
        else if (queue.takenBytes === taken) place.failure = stalled(place, limitMs);
        if (!takesPart(place)) queue.break(place.failure ?? new AppError("storage.busy", "The place is behind."));
      }
    } finally {
      waited.abort();
      branch.waitedMs += Date.now() - since;
    }
  }

  return {
    async write(bytes) {
      digest.update(bytes);
      // Without a word by then, a head of that length would have to be kept whatever it is.
      if (headBytes === Number.POSITIVE_INFINITY && digest.sizeBytes > mostHeld) headBytes = 0;
      for (const { queue } of branches) queue.push(bytes);
      for (const branch of branches) {
        if (!branch.queue.isFull) continue;
        onWaiting(branch.place.location);
        // oxlint-disable-next-line no-await-in-loop -- the others go on meanwhile
        await waitFor(branch);
        onWaiting(null);
      }
      insistOnOne();
    },
    head: options.hasLateHead
      ? {
          expect(sizeBytes) {
            if (headBytes === 0 || sizeBytes > mostHeld) headBytes = 0;
            else headBytes = sizeBytes;
            return headBytes > 0;
          },
          replace(bytes) {
            headInPlace = bytes;
            digest.replaceHead(bytes);
          },
        }
      : null,
    async commit() {
      for (const { place, queue } of branches)
        if (takesPart(place)) queue.end();
        // It failed at another file of the same backup.
        else queue.break(new AppError("job.cancelled", "The place takes part no more."));
      const { sha256, ...sums } = digest.finish();
      const stored = await Promise.all(branches.map(({ ended }) => ended));
      insistOnOne();
      const readBack = stored.find((hash) => hash !== null) ?? null;
      return { ...sums, sha256: sha256 ?? readBack };
    },
    async discard() {
      isOver = true;
      const reason = new AppError("job.cancelled", "What was to be stored did not come to its end.");
      for (const { queue } of branches) queue.break(reason);
      await Promise.all(branches.map(({ ended }) => ended));
    },
  };
}

/** What to tell when no place is left: the first place's failure, with the others' below it. */
export function firstFailure(places: readonly Place[]): AppError {
  const failures = places.flatMap(({ failure, location }) => (failure === null ? [] : [{ failure, location }]));
  const [first, ...others] = failures;
  if (first === undefined) return new AppError("storage.failed", "No place is left to write to.");
  if (others.length === 0) return first.failure;
  const { code, message, detail, hint } = first.failure;
  const lines = others.map(({ failure, location }) => `${location}: ${failure.message}`);
  return new AppError(code, message, { detail: [detail, ...lines].filter(Boolean).join("\n"), hint });
}

function stalled({ location }: Place, afterMs: number): AppError {
  return new AppError("storage.unreachable", `${location} took nothing for ${Math.round(afterMs / 1000)} seconds.`);
}
