import { type ChildProcess, fork } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createIdentity, recipientOf } from "../../electron/encryption/age-package.ts";
import { makeSeeds } from "./seeds.ts";
import { keptCase, mostBytes, type WorkerOrder, type WorkerReport, type WorkerStart } from "./worker.ts";

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  readonly workers: number;
  readonly isGuided: boolean;
  /** Where cases that failed are kept, each in a folder with what failed; null: nowhere. */
  readonly keepIn: string | null;
  readonly onProgress?: (outcome: FuzzOutcome) => void;
}

/** What a run has found. */
export interface FuzzOutcome {
  cases: number;
  /** Cases by the codes that they were refused with; `whole` for those that nothing was refused of. */
  readonly codes: Map<string, number>;
  readonly findings: Finding[];
  slowestMs: number;
  /** The most memory a worker held beyond what it holds when it has just started. */
  mostBytes: number;
  /** Cases kept because they reached something new, by all workers. */
  kept: number;
}

export interface Finding {
  readonly index: number;
  readonly what: string;
  readonly problem: string;
  readonly keptIn: string | null;
}

/** What waits for ever takes no time of the processor; what takes too much of that without end is ended here as well. */
const mostWallMs = 20_000;
const batch = 50;
/** What is left over of many cases is no case's own memory; a new process starts with none. */
const batchesPerProcess = 20;
const root = resolve(import.meta.dirname, "../..");

/**
 * Tries mutated archives in processes of their own, which may read nothing but this repository and the case, and are ended
 * when one takes too long.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-fuzz-"));
  const outcome: FuzzOutcome = { cases: 0, codes: new Map(), findings: [], slowestMs: 0, mostBytes: 0, kept: 0 };
  try {
    const identity = await createIdentity();
    const seeds = join(folder, "seeds");
    await makeSeeds(seeds, await recipientOf(identity), identity.reveal());
    let next = 0;
    const takeBatch = (): { from: number; to: number } | null => {
      const from = next;
      next = Math.min(options.cases, next + batch);
      return from < next ? { from, to: next } : null;
    };
    const kept = new Map<number, number>();
    await Promise.all(
      Array.from({ length: options.workers }, (_, number) =>
        runWorker({
          start: {
            seeds,
            work: join(folder, `work-${number}`),
            identity: identity.reveal(),
            seed: options.seed,
            isGuided: options.isGuided,
          },
          takeBatch,
          keepIn: options.keepIn,
          onFinding: (finding) => void outcome.findings.push(finding),
          onEnd(report) {
            outcome.cases += 1;
            for (const code of report.codes.length === 0 ? ["whole"] : report.codes)
              outcome.codes.set(code, (outcome.codes.get(code) ?? 0) + 1);
            outcome.slowestMs = Math.max(outcome.slowestMs, report.cpuMs);
            outcome.mostBytes = Math.max(outcome.mostBytes, report.grownBytes);
            kept.set(number, report.kept);
            outcome.kept = [...kept.values()].reduce((sum, count) => sum + count, 0);
            if (outcome.cases % 500 === 0) options.onProgress?.(outcome);
          },
        }),
      ),
    );
    return outcome;
  } finally {
    // Where one worker failed, the other may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface WorkerRun {
  readonly start: WorkerStart;
  readonly takeBatch: () => { from: number; to: number } | null;
  readonly keepIn: string | null;
  readonly onFinding: (finding: Finding) => void;
  readonly onEnd: (report: WorkerReport & { kind: "end" }) => void;
}

/** One process after another, until there are no more batches: what hangs or grows too large is ended, and its case kept. */
async function runWorker(run: WorkerRun): Promise<void> {
  let left: { from: number; to: number } | null = run.takeBatch();
  while (left !== null) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    left = await runProcess(run, left);
    left ??= run.takeBatch();
  }
}

/** @returns what is left of the batch it was ended in; null when all is done */
function runProcess(run: WorkerRun, first: { from: number; to: number }): Promise<{ from: number; to: number } | null> {
  const child = startChild(run.start);
  const done = Promise.withResolvers<{ from: number; to: number } | null>();
  let current = first;
  let index = first.from;
  let what = "before the first case";
  let isTrying = false;
  let batches = 0;
  let stderr = "";
  child.stderr?.on("data", (text) => (stderr = `${stderr}${String(text)}`.slice(-20_000)));
  const send = (range: { from: number; to: number }): void => {
    current = range;
    child.send({ kind: "run", ...range } satisfies WorkerOrder);
  };
  const find = (problem: string): void =>
    run.onFinding({ index, what, problem, keptIn: keepCase(run, index, what, problem) });
  let watchdog: NodeJS.Timeout | undefined;
  const stop = (): void => {
    isTrying = false;
    child.kill("SIGKILL");
    done.resolve(index + 1 < current.to ? { from: index + 1, to: current.to } : null);
  };
  const giveUp = (problem: string): void => {
    find(problem);
    stop();
  };
  child.on("message", (report: WorkerReport) => {
    clearTimeout(watchdog);
    switch (report.kind) {
      case "ready":
        send(current);
        break;
      case "begin":
        ({ index, what } = report);
        isTrying = true;
        watchdog = setTimeout(() => giveUp(`it takes over ${mostWallMs} ms`), mostWallMs);
        break;
      case "end": {
        isTrying = false;
        run.onEnd(report);
        if (report.problem !== null) find(report.problem);
        // What it holds would be held against the next one.
        if (report.grownBytes > mostBytes) stop();
        break;
      }
      default: {
        const next = run.takeBatch();
        batches += 1;
        if (next !== null && (run.start.isGuided || batches < batchesPerProcess)) send(next);
        else {
          child.kill();
          done.resolve(next);
        }
      }
    }
  });
  child.on("exit", (code, signal) => {
    clearTimeout(watchdog);
    if (isTrying) giveUp(`the process ended: ${code ?? signal}\n${stderr}`);
    else done.reject(new Error(`the fuzzer's own process ended: ${code ?? signal}\n${stderr}`));
  });
  return done.promise;
}

function startChild(start: WorkerStart): ChildProcess {
  const startFile = `${start.work}.json`;
  const temporary = `${start.work}-tmp`;
  mkdirSync(start.work, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(startFile, JSON.stringify(start));
  const readable = [root, start.seeds, start.work].map((path) => `--allow-fs-read=${path}*`);
  const writable = `--allow-fs-write=${start.work}*`;
  // The inspector, which counts, is not there under the permission model.
  const held = start.isGuided ? [] : ["--permission", "--allow-worker", ...readable, writable];
  return fork(join(import.meta.dirname, "worker.ts"), [startFile], {
    execArgv: [...held, "--disable-warning=SecurityWarning", "--max-old-space-size=160"],
    env: { PATH: process.env["PATH"], TMPDIR: temporary },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

function keepCase({ keepIn, start }: WorkerRun, index: number, what: string, problem: string): string | null {
  if (keepIn === null) return null;
  const folder = join(keepIn, `${start.seed}-${index}`);
  mkdirSync(folder, { recursive: true });
  const found = keptCase(start.work, index);
  cpSync(existsSync(found) ? found : join(start.work, "case"), join(folder, "case"), { recursive: true });
  writeFileSync(join(folder, "what.txt"), `${what}\n\n${problem}\n`);
  return folder;
}

/** A run's figures, for a person. */
export function describeOutcome({ cases, codes, findings, slowestMs, mostBytes: bytes, kept }: FuzzOutcome): string {
  const refused = [...codes].toSorted(([, one], [, other]) => other - one).map(([code, count]) => `${code} ${count}`);
  return [
    `${cases} cases: ${findings.length} findings, slowest ${Math.round(slowestMs)} ms, memory at most ${Math.round(bytes / 1e6)} MB above idle${kept > 0 ? `, ${kept} kept for reaching something new` : ""}`,
    `  ${refused.join(", ")}`,
  ].join("\n");
}
