import { type ExecFileOptionsWithStringEncoding, execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { AppError } from "../../../shared/error/app-error.ts";

/** The operating system's user that a server of ours runs as. PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How a program of the server is started: as us, as the server's user, or as that user with a capability. */
export interface Launcher {
  /** Null: we are not root, so the server runs as ourselves. */
  readonly user: ServerUser | null;
  /** Ready for spawn: program, arguments and the identity to take. */
  command(program: string, args: readonly string[]): LaunchCommand;
  /** Runs a short program to its end; never rejects for an exit code. Its output is English. */
  run(program: string, args: readonly string[], limitMs: number): Promise<LaunchResult>;
}

export interface LaunchCommand {
  readonly program: string;
  readonly args: string[];
  readonly identity: { uid?: number; gid?: number };
}

export interface LaunchResult {
  /** Null when it did not start or was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The user for our servers when we are root: who owns `dataFolder` already (root may meet the sample of a user), else
 * `postgres`, else `nobody`. Null when we are not root.
 *
 * @throws AppError sample.failed when there is nobody but root
 */
export function findServerUser(dataFolder: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  // user:password:uid:gid:comment:home:shell, passwd(5)
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields?.[2] && fields[3]) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new AppError("sample.failed", "PostgreSQL does not run as root, and there is no other user to run it as.", {
    hint: "Create one with: useradd --system postgres",
  });
}

/**
 * Chooses how programs are started so that they reach all of `paths` (existing files or folders).
 *
 * As root, a folder such as `mktemp -d` makes (0700), or anything below /root, is closed to the server's user although
 * its own data folder further down is not. Opening the user's folders for everyone is not ours to do; instead the
 * server gets the one capability to walk through folders (dac_read_search), or where a container has taken that one
 * away, dac_override. Both are Linux only. The server's superuser can then read files as root can, and connects
 * through a socket that only root reaches, so nobody gains anything.
 *
 * @throws AppError sample.failed naming the path when nothing gets there
 */
export function createLauncher(user: ServerUser | null, paths: readonly string[]): Launcher {
  if (user === null) return launcherWith(null, []);
  const plain = launcherWith(user, []);
  const closed = paths.find((path) => !reaches(plain, path));
  if (closed === undefined) return plain;
  if (process.platform === "linux") {
    for (const capability of ["dac_read_search", "dac_override"]) {
      const capable = launcherWith(user, [
        "setpriv",
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        "--clear-groups",
        // access(2), by which PostgreSQL looks for its own programs, leaves capabilities out of account without this
        "--securebits=+no_setuid_fixup",
        `--inh-caps=+${capability}`,
        `--ambient-caps=+${capability}`,
        "--",
      ]);
      if (paths.every((path) => reaches(capable, path))) return capable;
    }
  }
  throw new AppError("sample.failed", `The server's user "${user.name}" cannot reach ${closed}.`, {
    hint: "Set LIFEBOAT_HOME to a folder that every user can enter, such as /var/lib/lifeboat, or run Lifeboat as a user other than root.",
  });
}

function launcherWith(user: ServerUser | null, prefix: readonly string[]): Launcher {
  const [wrapper, ...wrapperArgs] = prefix;
  const command = (program: string, args: readonly string[]): LaunchCommand =>
    wrapper === undefined
      ? { program, args: [...args], identity: user === null ? {} : { uid: user.uid, gid: user.gid } }
      : { program: wrapper, args: [...wrapperArgs, program, ...args], identity: {} };
  return {
    user,
    command,
    run(program, args, limitMs) {
      const launch = command(program, args);
      const options: ExecFileOptionsWithStringEncoding = {
        ...launch.identity,
        ...launchSurroundings(),
        encoding: "utf8",
        timeout: limitMs,
        maxBuffer: 16 * 1024 * 1024,
        windowsHide: true,
      };
      return new Promise((resolve) => {
        execFile(launch.program, launch.args, options, (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : null;
          const reason = error !== null && exitCode === null ? `${stderr}${error.message}` : stderr;
          resolve({ exitCode, stdout, stderr: reason });
        });
      });
    },
  };
}

/**
 * Folder and environment of a server's programs. The folder is one that any user can stand in, since initdb and pg_ctl
 * ask for theirs; of the environment only what a program needs to start, so that a PGDATA or PGOPTIONS of the caller
 * does not leak into the server.
 */
export function launchSurroundings(): { cwd: string; env: NodeJS.ProcessEnv } {
  const env: NodeJS.ProcessEnv = { LC_ALL: "C" };
  for (const name of ["PATH", "TZ", "TMPDIR", "SystemRoot", "TEMP", "TMP", "USERPROFILE", "COMSPEC", "PATHEXT"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { cwd: process.platform === "win32" ? (process.env["SystemRoot"] ?? "C:\\") : "/", env };
}

/** Mode bits do not tell the whole truth (ACLs, security modules), so the user itself is sent to look. */
function reaches(launcher: Launcher, path: string): boolean {
  if (!existsSync(path)) return false;
  const { program, args, identity } = launcher.command("/bin/sh", ["-c", 'test -r "$1" && test -x "$1"', "sh", path]);
  return spawnSync(program, args, { ...identity, ...launchSurroundings(), stdio: "ignore" }).status === 0;
}
