import { spawnSync } from "node:child_process";

/** Milliseconds of each run of `work`, after `warmUps` runs that do not count. */
export async function timeRuns(runs: number, warmUps: number, work: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let run = -warmUps; run < runs; run++) {
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
    await work();
    if (run >= 0) times.push(performance.now() - start);
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs a shell command to its end and throws when it fails. */
export function shell(command: string, env: Record<string, string> = {}): string {
  const done = spawnSync("/bin/bash", ["-c", command], { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${command}\n${done.stderr.toString()}`);
  return done.stdout.toString();
}

/** A line of a bench's table. `ratio` is what is held against the target, so that the machine's speed cancels out. */
export interface BenchLine {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly target: string;
  readonly isMet: boolean;
}

/** Prints the lines as an aligned table and sets the exit code when a target is not met. */
export function printBench(title: string, lines: readonly BenchLine[]): void {
  const titles = {
    what: title,
    ours: "lifeboat",
    theirs: "compared with",
    ratio: "ratio",
    target: "target",
    met: "met",
  };
  const rows = [titles, ...lines.map((line) => ({ ...line, met: line.isMet ? "yes" : "NO" }))];
  const keys = ["what", "ours", "theirs", "ratio", "target", "met"] as const;
  const widths = keys.map((key) => Math.max(...rows.map((row) => row[key].length)));
  const text = rows.map((row) =>
    keys
      .map((key, at) => row[key].padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  process.stdout.write(`${text.join("\n")}\n`);
  if (lines.some((line) => !line.isMet)) process.exitCode = 1;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
