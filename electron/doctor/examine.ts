import { existsSync } from "node:fs";
import type { ToolInstallation } from "../../shared/command/tool-installation.ts";
import { formatNumberOf } from "../../shared/text/format.ts";
import type { Home } from "../home.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import { findServerPrograms } from "../postgres/sample/server-programs.ts";
import { probeKeychain } from "../secrets/keychain.ts";
import { listBackups } from "../storage/backup-folder.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { type Check, checkSafely } from "./check.ts";
import { checkFolder } from "./check-folders.ts";
import { checkTools } from "./check-tools.ts";

/** What `lifeboat doctor` finds. */
export interface Examination {
  /** There is a pg_dump, and places to write to. */
  readonly backupPossible: boolean;
  readonly checks: readonly Check[];
  readonly installations: readonly ToolInstallation[];
}

/** What is needed from outside this room. */
export interface ExaminationServices {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  jobs(): Promise<JobManager>;
}

/** Looks at everything Lifeboat stands on. Changes nothing, but opening the jobs sweeps those whose process died. */
export async function examine(services: ExaminationServices): Promise<Examination> {
  const { home, env } = services;
  let installations: ToolInstallation[] = [];
  const tools = checkSafely("tools", "PostgreSQL clients", async () => {
    installations = await locateInstallations(home, env);
    return checkTools(installations);
  });
  const groups = await Promise.all([
    tools,
    checkSafely("folders", "state folder", () => checkFolder("state folder", home.root)),
    checkSafely("folders", "backups folder", () => checkFolder("backups folder", home.backupsFolder)),
    checkSafely("keychain", "keychain", checkKeychain),
    checkSafely("sample", "sample", () => checkSample(home)),
    checkSafely("backups", "backups", () => checkBackups(home)),
    checkSafely("jobs", "jobs", () => checkJobs(services)),
  ]);
  const checks = groups.flat();
  const foldersWork = checks.every(({ area, state }) => area !== "folders" || state !== "broken");
  return {
    backupPossible: foldersWork && installations.some(({ tools: found }) => found.pg_dump !== undefined),
    checks,
    installations,
  };
}

async function checkKeychain(): Promise<Check[]> {
  const { available, reason } = await probeKeychain();
  return [
    {
      area: "keychain",
      state: available ? "works" : "attention",
      subject: "keychain",
      message: available ? "Passwords can be kept in it." : (reason ?? "It cannot be used."),
      remedy: available ? null : "Until then use .pgpass or PGPASSWORD, or let Lifeboat ask each time.",
    },
  ];
}

async function checkSample(home: Home): Promise<Check[]> {
  const { folder, version } = await findServerPrograms(home, null);
  return [
    {
      area: "sample",
      state: "works",
      subject: "sample",
      message: `The sample database can run on PostgreSQL ${version.text} (${folder}).`,
      remedy: null,
    },
  ];
}

async function checkBackups(home: Home): Promise<Check[]> {
  const { backups, unreadable, unfinished } = await listBackups(home.backupsFolder);
  return [
    line("backups", "works", `${formatNumberOf(backups.length, "backup")} in ${home.backupsFolder}`, null),
    ...unfinished.map((path) =>
      line(
        "backups",
        "attention",
        `${path} is unfinished.`,
        "Unless a backup is running, it was cut and can be deleted.",
      ),
    ),
    ...unreadable.map(({ error }) => line("backups", "attention", error.message, error.hint ?? null)),
  ];
}

async function checkJobs(services: ExaminationServices): Promise<Check[]> {
  if (!existsSync(services.home.jobsFile)) return [line("jobs", "works", "None has run yet.", null)];
  const manager = await services.jobs();
  const interrupted = manager.list({ states: ["interrupted"] });
  const running = manager.list({ states: ["queued", "running", "cancelling"] });
  return [
    line("jobs", "works", `${formatNumberOf(running.length, "job")} running.`, null),
    ...(manager.setAside === null
      ? []
      : [line("jobs", "attention", `The list of jobs was damaged and has been moved to ${manager.setAside}.`, null)]),
    ...interrupted.map(({ id, title, startedAt }) =>
      line(
        "jobs",
        "attention",
        `“${title}” (${id}, ${startedAt ?? "not started"}) was interrupted.`,
        `Run it again with: lifeboat jobs retry ${id}`,
      ),
    ),
  ];
}

function line(area: "backups" | "jobs", state: Check["state"], message: string, remedy: string | null): Check {
  return { area, state, subject: area, message, remedy };
}
