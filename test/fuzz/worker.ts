import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteSource } from "../../electron/archives/byte-source.ts";
import { recipientOf, unwrapFileKey } from "../../electron/encryption/age-package.ts";
import { decryptBytes, encryptBytes } from "../../electron/encryption/bytes.ts";
import { openDatabasusSource } from "../../electron/encryption/databasus-source.ts";
import type { KeyRing } from "../../electron/encryption/key-ring.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import { databasusBackupId, encryptAsDatabasus } from "../helpers/databasus-writer.ts";
import { type Coverage, startCoverage } from "./coverage.ts";
import { exercise } from "./exercise.ts";
import { type FuzzCase, loadSeeds, writeCase } from "./fuzz-case.ts";
import { mutateCase, type Sealing } from "./mutate-case.ts";
import { createRandom, type Random } from "./random.ts";

/** What a worker is started with, as JSON in its one argument. */
export interface WorkerStart {
  /** Seeds, and below `work` the case that is being tried. */
  readonly seeds: string;
  readonly work: string;
  readonly identity: string;
  readonly seed: number;
  /** Steered by what of the reader was not reached before; not the same each time then. */
  readonly isGuided: boolean;
}

export type WorkerOrder = { readonly kind: "run"; readonly from: number; readonly to: number };

export type WorkerReport =
  | { readonly kind: "ready" }
  | { readonly kind: "begin"; readonly index: number; readonly what: string }
  | {
      readonly kind: "end";
      readonly index: number;
      readonly codes: readonly string[];
      readonly problem: string | null;
      readonly cpuMs: number;
      /** Beyond what the process held when it had just started. */
      readonly grownBytes: number;
      /** Cases kept because they reached something new. */
      readonly kept: number;
    }
  | { readonly kind: "done" };

/** Of the processor's time, so that a busy machine is no finding. */
export const mostCpuMs = 2000;
export const mostBytes = 300 * 1024 * 1024;

/** Where a worker leaves the cases that it found something with; the one that it is at is beside them. */
export function keptCase(work: string, index: number): string {
  return join(work, `found-${index}`);
}

/** Of each ten cases, as many are made of this kind; a script takes a thread, and an encrypted file much arithmetic. */
const shares = { custom: 9, folder: 4, tar: 3, wrapped: 3, plain: 1, cluster: 1, encrypted: 1, databasus: 1 };

async function main(start: WorkerStart): Promise<void> {
  mkdirSync(start.work, { recursive: true });
  const seeds = loadSeeds(start.seeds);
  const kinds = Object.entries(shares).flatMap(([kind, share]) =>
    seeds.some(({ seed }) => seed.startsWith(kind)) ? Array.from({ length: share }, () => kind) : [],
  );
  const pickSeed = (random: Random): FuzzCase => {
    const kind = random.pick(kinds);
    const fitting = seeds.filter(({ seed }) => seed.startsWith(kind));
    // The large ones take ten times as long, and differ in what is in them, not in how it is written.
    const small = fitting.filter(({ seed }) => !seed.includes("objects"));
    return random.pick(small.length === 0 || random.chance(0.1) ? fitting : small);
  };
  const { keys, sealing } = await openKeys(new Secret(start.identity));
  const coverage: Coverage | null = start.isGuided ? await startCoverage() : null;
  const corpus: FuzzCase[] = [];
  let idleBytes = 0;
  for (const each of coverage === null ? [] : seeds) {
    await exercise(writeCase(join(start.work, "case"), each), keys, join(start.work, "salvaged"));
    await coverage?.takeNew();
  }

  process.on("message", (order: WorkerOrder) => {
    void run(order).then(() => tell({ kind: "done" }));
  });
  async function run({ from, to }: WorkerOrder): Promise<void> {
    for (let index = from; index < to; index++) {
      const random = createRandom(start.seed, index);
      const base = corpus.length > 0 && random.chance(0.6) ? random.pick(corpus) : pickSeed(random);
      const made = await mutateCase(base, seeds, random, sealing);
      const path = writeCase(join(start.work, "case"), made);
      tell({ kind: "begin", index, what: `${made.seed}: ${made.done.join("; ")}` });
      const cpu = process.cpuUsage();
      const { codes, problem: failure } = await tryCase(path, keys, join(start.work, "salvaged"));
      const { user, system } = process.cpuUsage(cpu);
      const cpuMs = (user + system) / 1000;
      if (coverage !== null && (await coverage.takeNew()) > 0 && made.done.length < 12) corpus.push(made);
      if (idleBytes === 0) idleBytes = process.memoryUsage.rss();
      const grownBytes = process.memoryUsage.rss() - idleBytes;
      const problem = failure ?? excessOf(cpuMs, grownBytes);
      if (problem !== null) cpSync(join(start.work, "case"), keptCase(start.work, index), { recursive: true });
      tell({ kind: "end", index, codes, problem, cpuMs, grownBytes, kept: corpus.length });
    }
  }
  tell({ kind: "ready" });
}

function excessOf(cpuMs: number, grownBytes: number): string | null {
  if (cpuMs > mostCpuMs) return `it took ${Math.round(cpuMs)} ms of the processor's time`;
  return grownBytes > mostBytes ? `it took ${grownBytes} bytes of memory` : null;
}

async function tryCase(
  path: string,
  keys: KeyRing,
  scratch: string,
): Promise<{ codes: string[]; problem: string | null }> {
  try {
    return { codes: await exercise(path, keys, scratch), problem: null };
  } catch (error) {
    return { codes: [], problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The fuzzer's own key opens what it encrypts, and nothing else does. */
async function openKeys(identity: Secret): Promise<{ keys: KeyRing; sealing: Sealing }> {
  const unlock = (header: Uint8Array) =>
    unwrapFileKey(header, { identities: [identity], passphrase: async () => null });
  const to = { recipients: [await recipientOf(identity)] };
  return {
    keys: {
      unlock,
      proofKeyOf: async () => null,
      databasusKey: async () => identity,
      gpg: { env: {}, kept: async () => null, ask: async () => null },
    },
    sealing: {
      age: { open: (bytes) => decryptBytes(bytes, unlock), close: (bytes) => encryptBytes(bytes, to) },
      databasus: {
        open: (bytes) => decryptDatabasus(bytes, identity),
        close: (bytes) => encryptAsDatabasus(Buffer.from(bytes), identity.reveal()),
      },
    },
  };
}

async function decryptDatabasus(bytes: Uint8Array, key: Secret): Promise<Uint8Array> {
  const stored: ByteSource = {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
    close: async () => {},
  };
  const source = await openDatabasusSource(stored, key, databasusBackupId);
  return source.read(0, source.sizeBytes);
}

function tell(report: WorkerReport): void {
  process.send?.(report);
}

if (process.send !== undefined && process.argv[2] !== undefined && process.argv[1] === import.meta.filename)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from run-fuzz.ts beside it
  await main(JSON.parse(readFileSync(process.argv[2], "utf8")) as WorkerStart);
