import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../../shared/contract/manifest.ts";
import type { Job } from "../../../shared/job/job.ts";
import { type CliEnd, runCli } from "../../helpers/run-cli.ts";
import { type HostProcess, startHost } from "./host-process.ts";

/** A browser host of a test's own: a process with a fresh home, on a port of its own. */
export interface Lifeboat {
  /** The folder with all of its state. */
  readonly home: string;
  /** What the user's home folder is to it: a .pgpass or a dump of a test's own goes here. */
  readonly user: string;
  /** What the app sees beside PATH. */
  readonly surroundings: Readonly<Record<string, string>>;
  readonly backupsFolder: string;
  /** An address with a one-time code that nobody used yet. */
  newAddress(): Promise<string>;
  /** Sends the host's process a signal that it has been made to know; see --import in NODE_OPTIONS. */
  signal(signal: "SIGUSR2"): void;
  /** Ends the host's process: `kill` gives it no time for anything. */
  end(how: "quit" | "kill"): Promise<void>;
  /** Starts it again, on the same home and port. */
  start(): Promise<void>;
  /** Stored state, as the command tells it: apart from the window and its host. */
  readonly jobs: () => Promise<Job[]>;
  readonly backups: () => Promise<(Manifest & { readonly path: string })[]>;
  /** Runs the command on this home. */
  run(...args: string[]): Promise<CliEnd>;
  /** Ends it, and the sample with it, and removes the home. */
  remove(): Promise<void>;
}

/**
 * Starts one.
 * @param env what it sees beside PATH, HOME and LIFEBOAT_HOME
 * @param host `none`: a home alone, for Electron to be started on
 */
export async function startLifeboat(
  env: Readonly<Record<string, string>> = {},
  host: "browser" | "none" = "browser",
): Promise<Lifeboat> {
  const home = mkdtempSync(join(tmpdir(), "lifeboat-e2e-"));
  // mkdtemp makes it 0700: as root, closed to the user that the sample's server runs as.
  chmodSync(home, 0o755);
  const user = join(home, "user");
  mkdirSync(user);
  const surroundings = { LIFEBOAT_HOME: home, HOME: user, NO_COLOR: "1", ...env };
  let running: HostProcess | null = host === "none" ? null : await startHost(surroundings, 0);
  const port = running?.port ?? 0;

  async function end(how: "quit" | "kill"): Promise<void> {
    await running?.end(how === "kill" ? "SIGKILL" : "SIGTERM");
    running = null;
  }

  async function ask<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await runCli([...args, "--json"], { env: surroundings });
    if (code !== 0) throw new Error(`lifeboat ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the command's own contract, held by its tests
    return JSON.parse(stdout) as T;
  }

  return {
    home,
    user,
    surroundings,
    backupsFolder: join(home, "backups"),
    newAddress() {
      if (running === null) throw new Error("the host does not run");
      return running.newAddress();
    },
    signal(signal) {
      if (running !== null) process.kill(running.pid, signal);
    },
    end,
    async start() {
      running = await startHost(surroundings, port);
    },
    jobs: () => ask("jobs"),
    backups: () => ask("backups"),
    run: (...args) => runCli(args, { env: surroundings }),
    async remove() {
      await end("quit");
      await runCli(["sample", "stop"], { env: surroundings });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
