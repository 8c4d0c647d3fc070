import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeOutcome, runFuzz } from "./run-fuzz.ts";

/** `npm run fuzz -- --cases 100000 --seed 1 [--guided] [--workers 2] [--keep FOLDER]`; exit code 1 where anything was found. */
const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    workers: { type: "string", default: "2" },
    guided: { type: "boolean", default: false },
    keep: { type: "string", default: "test-artefacts/fuzz" },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
mkdirSync(values.keep, { recursive: true });
say(`seed ${values.seed}${values.guided ? ", steered by coverage" : ""}`);
const outcome = await runFuzz({
  cases: Number(values.cases),
  seed: Number(values.seed),
  workers: Number(values.workers),
  isGuided: values.guided,
  keepIn: values.keep,
  onProgress: (sofar) => say(describeOutcome(sofar).split("\n")[0] ?? ""),
});
say(describeOutcome(outcome));
for (const { what, problem, keptIn } of outcome.findings) say(`\n${keptIn}\n${what}\n${problem}`);
process.exitCode = outcome.findings.length === 0 ? 0 : 1;
