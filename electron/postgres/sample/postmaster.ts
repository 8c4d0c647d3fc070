import { execFileSync, spawn } from "node:child_process";
import { open, readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../shared/error/app-error.ts";
import { isRunning } from "../../tools/is-running.ts";
import { type ServerPrograms, serverProgram } from "./server-programs.ts";
import { type Launcher, launchSurroundings } from "./server-user.ts";

/** A crashed sample replays its WAL first, so this is generous. */
const startLimitMs = 60_000;

/** The running postmaster of a data folder, or null. Not fooled by the pid file of one that died. */
export async function findPostmaster(dataFolder: string): Promise<{ pid: number; ready: boolean } | null> {
  const text = await readFile(join(dataFolder, "postmaster.pid"), "utf8").catch(() => null);
  if (text === null) return null;
  // pid, data folder, start time, port, socket folder, address, shared memory, status: pidfile.h
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isPostmaster(pid, dataFolder))) return null;
  return { pid, ready: lines[7]?.trim() === "ready" };
}

/**
 * After a crash or a reboot the recorded pid may be nobody's or somebody else's; a postmaster of ours names its data
 * folder after `-D`. (Linux shows where a process stands, too, but in a container not even root may look at that. Of a
 * zombie, which is still there to signal, nothing is shown.)
 */
async function isPostmaster(pid: number, dataFolder: string): Promise<boolean> {
  if (!isRunning(pid)) return false;
  if (process.platform === "win32") return true;
  if (process.platform === "linux") {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const named = words[words.indexOf("-D") + 1] ?? "";
    return named !== "" && (await realpath(named).catch(() => named)) === (await realpath(dataFolder));
  }
  try {
    return execFileSync("/bin/ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(
      dataFolder,
    );
  } catch {
    return false;
  }
}

/**
 * Starts the server of a data folder and waits until it takes connections. It goes on when we end: it has a session of
 * its own, and its output goes to `logFile`.
 *
 * The program is started directly. `pg_ctl start` would put the data folder and log file through a shell between plain
 * double quotes, which a `$` in a path breaks; only Windows needs it, where it drops an administrator's rights.
 *
 * @throws AppError sample.failed with the log's last lines
 */
export async function startPostmaster(
  launcher: Launcher,
  programs: ServerPrograms,
  folders: { readonly dataFolder: string; readonly logFile: string },
): Promise<void> {
  const { dataFolder, logFile } = folders;
  const giveUpAt = Date.now() + startLimitMs;
  // One may still be coming up or going down, when whoever started or stopped it was killed meanwhile.
  for (let found = await findPostmaster(dataFolder); found !== null; found = await findPostmaster(dataFolder)) {
    if (found.ready) return;
    if (Date.now() > giveUpAt) throw await startFailure(logFile, "");
    await sleep(50);
  }
  // PostgreSQL itself replaces the pid file of a dead postmaster, but not when the number now belongs to another process
  // of its user, as happens after a reboot. Its own lock on the shared memory still guards the data.
  await rm(join(dataFolder, "postmaster.pid"), { force: true });
  await rm(logFile, { force: true });
  if (process.platform === "win32") {
    const args = ["start", "--wait", `--pgdata=${dataFolder}`, `--log=${logFile}`];
    const run = await launcher.run(serverProgram(programs, "pg_ctl"), args, startLimitMs);
    if (run.exitCode !== 0) throw await startFailure(logFile, run.stderr);
    return;
  }
  for (;;) {
    const failure = await startOnce(launcher, serverProgram(programs, "postgres"), dataFolder, logFile, giveUpAt);
    if (failure === null) return;
    // Backends of a killed postmaster take a moment to notice and let go of the shared memory.
    const held = /pre-existing shared memory block/.test(failure.detail ?? "");
    if (!held || Date.now() > giveUpAt - startLimitMs + 10_000) throw failure;
    await sleep(250);
  }
}

async function startOnce(
  launcher: Launcher,
  program: string,
  dataFolder: string,
  logFile: string,
  giveUpAt: number,
): Promise<AppError | null> {
  const { program: file, args, identity } = launcher.command(program, ["-D", dataFolder]);
  const log = await open(logFile, "w", 0o600);
  try {
    const child = spawn(file, args, {
      ...identity,
      ...launchSurroundings(),
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    // A program that cannot be run has no pid, and is told by that.
    child.on("error", () => {});
    child.unref();
    const lives = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    // The pid file may be the old one until the server has written its own, hence the pid.
    while (lives() && Date.now() < giveUpAt) {
      const found = await findPostmaster(dataFolder);
      if (found?.ready && found.pid === child.pid) return null;
      await sleep(15);
    }
    if (lives()) child.kill("SIGQUIT");
  } finally {
    await log.close();
  }
  return startFailure(logFile, "");
}

async function startFailure(logFile: string, said: string): Promise<AppError> {
  const log = await readFile(logFile, "utf8").catch(() => "");
  const tail = `${said}${log}`.trim().split("\n").slice(-12).join("\n");
  return new AppError("sample.failed", "The sample's server did not start.", { detail: tail || "It wrote nothing." });
}
