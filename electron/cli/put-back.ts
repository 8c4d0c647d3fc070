import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import type { PutBackRequest } from "../put-back/put-back-request.ts";
import { type Cli, type ExitCode, exitCodeOf } from "./cli.ts";
import { parseNamePair, splitNames } from "./name-options.ts";
import { progressMode } from "./options.ts";

/** The options of `restore --mode missing-rows`. */
export interface PutBackOptions {
  readonly table: string[];
  readonly changed?: boolean;
  readonly key?: string;
  readonly map: string[];
  readonly liveTable?: string;
  readonly bypassTriggers?: boolean;
  readonly saveSql?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat restore --mode missing-rows`: compares, shows, asks, puts back. */
export async function putBackRows(
  from: { readonly archive: string; readonly identityFile?: string; readonly keys: KeyRing },
  connection: ResolvedConnection,
  options: PutBackOptions,
  cli: Cli,
): Promise<ExitCode> {
  const { planPutBack } = await import("../put-back/plan-put-back.ts");
  const { removeScript } = await import("../put-back/run-script.ts");
  const { startPutBack } = await import("../jobs/run-put-back.ts");
  const report = await import("./put-back-report.ts");
  const services = { home: cli.home, env: cli.env, connection, keys: from.keys };
  const plan = await planPutBack(requestOf(from, connection, options), services, cli.signal);
  const reporter = cli.out.progress(progressMode(options));
  try {
    report.describePutBack(plan, cli.out);
    if (options.saveSql !== undefined) await copyFile(plan.script, resolve(options.saveSql));
    if (options.dryRun) {
      cli.out.document(report.putBackDocument(plan));
      return 0;
    }
    await confirm(plan.confirmation, plan.database, options, cli);
    const job = await startPutBack(plan, services, await cli.jobs(), {
      signal: cli.signal,
      onChange: (changed) => reporter.update(changed),
    });
    reporter.end();
    report.reportPutBack(job, cli.out);
    return exitCodeOf(job);
  } finally {
    reporter.end();
    await removeScript(plan.script);
  }
}

/** @throws usage.invalid */
function requestOf(
  from: { readonly archive: string; readonly identityFile?: string },
  connection: ResolvedConnection,
  options: PutBackOptions,
): PutBackRequest {
  const [table, second] = options.table;
  if (table === undefined || second !== undefined)
    throw new AppError("usage.invalid", "--mode missing-rows takes one --table.");
  const { archive, identityFile } = from;
  const { target } = connection;
  return {
    kind: "rows",
    archive,
    ...(identityFile === undefined ? {} : { identityFile }),
    target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
    table,
    liveTable: options.liveTable ?? null,
    key: options.key === undefined ? null : splitNames(options.key),
    renames: Object.fromEntries(options.map.map((pair) => parseNamePair("--map", pair))),
    missing: null,
    changed: options.changed ? null : [],
    bypassTriggers: options.bypassTriggers ?? false,
  };
}

/** @throws restore.confirmationNeeded */
async function confirm(why: string, database: string, options: PutBackOptions, cli: Cli): Promise<void> {
  if (options.yes) return;
  const answer = await cli.ask(`${why} Type its name (${database}) to go on:`, { secret: false });
  if (answer?.trim() === database) return;
  throw new AppError("restore.confirmationNeeded", `${why} This was not confirmed.`);
}
