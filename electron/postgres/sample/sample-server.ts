import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ConnectionTarget } from "../../../shared/profile/profile.ts";
import { sampleDatabase } from "../../../shared/profile/sample-database.ts";
import type { Home } from "../../home.ts";
import { Secret } from "../../secrets/secret.ts";
import { makePrivateFolder, writeFileDurably } from "../../storage/durable-file.ts";
import { connect, withSession } from "../connect.ts";
import {
  type Access,
  clusterMajor,
  configureCluster,
  createCluster,
  freeLoopbackPort,
  makeOwnedFolder,
  prepareSocketFolder,
  socketPort,
} from "./cluster.ts";
import { findPostmaster, startPostmaster } from "./postmaster.ts";
import { sampleScript } from "./sample-data.ts";
import { withSampleLock } from "./sample-lock.ts";
import { findServerPrograms, inspectServerPrograms, type ServerPrograms, serverProgram } from "./server-programs.ts";
import { createLauncher, findServerUser, type Launcher } from "./server-user.ts";

/** What a start is doing: making the cluster, starting the server, filling the database. */
export type SamplePhase = "initdb" | "start" | "load";

export interface RunningSample {
  /** Works with psql for the user who started it; holds no password. */
  readonly url: string;
  readonly target: ConnectionTarget;
  /** Null where the socket is private, which is everywhere but on Windows. */
  readonly password: Secret | null;
  /** False when it was running already. */
  readonly startedNow: boolean;
  /** The server's, as `15.18`. */
  readonly version: string;
}

export interface SampleStartOptions {
  /** The server to make a new sample with, in place of the best one here. */
  readonly programs?: ServerPrograms | undefined;
  /** Ends the work between its phases, and in the middle of the load; what is there then is gone on with by the next start. */
  readonly signal?: AbortSignal | undefined;
}

export interface SampleStatus {
  readonly state: "absent" | "stopped" | "running";
  readonly folder: string;
  readonly url: string | null;
  readonly version: string | null;
}

/** What a start leaves for the next command. */
const stateSchema = z.object({
  programs: z.string(),
  version: z.string(),
  access: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("socket"), folder: z.string() }),
    z.object({ kind: z.literal("loopback"), port: z.int(), passfile: z.string() }),
  ]),
});

type SampleState = z.infer<typeof stateSchema>;

/** Stands for the sample in a request that is stored before it runs; whoever works on it starts the sample and takes its own. */
export function awaitedSample(home: Home): {
  target: ConnectionTarget;
  password: null;
  passwordFrom: string;
  warnings: string[];
} {
  const target = targetOf({ kind: "socket", folder: places(home).cluster });
  return { target, password: null, passwordFrom: "none", warnings: [] };
}

function places(home: Home) {
  const cluster = join(home.sampleFolder, "cluster");
  return {
    lockFile: join(home.sampleFolder, "lock.db"),
    stateFile: join(home.sampleFolder, "state.json"),
    logFile: join(home.sampleFolder, "server.log"),
    cluster,
    data: join(cluster, "data"),
  };
}

/**
 * Starts the embedded sample PostgreSQL under the home's sample folder, making and filling it first where it does not
 * exist. It goes on running after us. Any number of processes may call this at once: one does the work.
 *
 * @param onPhase called as each part of the work begins; never when the sample was running and filled
 * @throws AppError sample.unavailable (no server programs), sample.failed, job.cancelled
 */
export async function startSample(
  home: Home,
  onPhase: (phase: SamplePhase) => void = () => {},
  options: SampleStartOptions = {},
): Promise<RunningSample> {
  return withSampleLock(places(home).lockFile, () => start(home, onPhase, options));
}

/** Stops it; open connections end. Nothing to do when it does not run. @returns whether it was running */
export async function stopSample(home: Home): Promise<boolean> {
  return withSampleLock(places(home).lockFile, () => stop(home));
}

/** Throws the sample away and makes it anew: other databases in its server go too. */
export async function resetSample(
  home: Home,
  onPhase: (phase: SamplePhase) => void = () => {},
  options: SampleStartOptions = {},
): Promise<RunningSample> {
  return withSampleLock(places(home).lockFile, async () => {
    await stop(home);
    await rm(places(home).cluster, { recursive: true, force: true, maxRetries: 5 });
    return start(home, onPhase, options);
  });
}

/** How it stands, without changing anything. */
export async function sampleStatus(home: Home): Promise<SampleStatus> {
  const { data } = places(home);
  const folder = home.sampleFolder;
  const state = await loadState(home);
  if (state === null || (await clusterMajor(data)) === null)
    return { state: "absent", folder, url: null, version: null };
  if ((await findPostmaster(data)) === null) return { state: "stopped", folder, url: null, version: state.version };
  return { state: "running", folder, url: urlOf(state.access), version: state.version };
}

async function start(
  home: Home,
  tellPhase: (phase: SamplePhase) => void,
  { programs: wanted, signal }: SampleStartOptions,
): Promise<RunningSample> {
  const onPhase = (phase: SamplePhase): void => {
    if (signal?.aborted) throw new AppError("job.cancelled", "The start of the sample was cancelled.");
    tellPhase(phase);
  };
  const { cluster, data, logFile, stateFile } = places(home);
  await makePrivateFolder(home.sampleFolder);
  const major = await clusterMajor(data);
  let state = await loadState(home);
  const running = state !== null && (await findPostmaster(data))?.ready === true;
  if (!running) {
    const remembered = state === null ? null : await inspectServerPrograms(state.programs);
    const programs =
      major !== null && remembered?.version.major === major
        ? remembered
        : major === null && wanted !== undefined
          ? wanted
          : await findServerPrograms(home, major);
    const user = findServerUser(data);
    await makeOwnedFolder(user, cluster);
    const launcher = createLauncher(user, [cluster, serverProgram(programs, "postgres")]);
    const access = await prepareAccess(launcher, cluster, state?.access ?? null);
    state = { programs: programs.folder, version: programs.version.text, access };
    await writeFileDurably(stateFile, JSON.stringify(state));
    if (major === null) {
      onPhase("initdb");
      await createCluster(launcher, programs, cluster, await passwordOf(access));
    }
    onPhase("start");
    await configureCluster(launcher, data, access);
    await startPostmaster(launcher, programs, { dataFolder: data, logFile });
  }
  if (state === null) throw new Error("a running sample has a state");
  const target = targetOf(state.access);
  const password = await passwordOf(state.access);
  if (!(await isLoaded(target, password))) {
    onPhase("load");
    await load(target, password, signal);
  }
  return { url: urlOf(state.access), target, password, startedNow: !running, version: state.version };
}

async function stop(home: Home): Promise<boolean> {
  const { data } = places(home);
  const state = await loadState(home);
  if (state === null || (await findPostmaster(data)) === null) return false;
  const program = serverProgram({ folder: state.programs }, "pg_ctl");
  const launcher = createLauncher(findServerUser(data), [data, program]);
  // fast: ends the connections; smart would wait for a forgotten psql
  const args = ["stop", "--wait", "--mode=fast", "--timeout=60", `--pgdata=${data}`];
  const run = await launcher.run(program, args, 70_000);
  if (run.exitCode !== 0 && (await findPostmaster(data)) !== null) {
    throw new AppError("sample.failed", "The sample's server did not stop.", { detail: run.stderr.trim() });
  }
  return true;
}

async function prepareAccess(launcher: Launcher, cluster: string, remembered: Access | null): Promise<Access> {
  if (process.platform !== "win32") {
    const folder = remembered?.kind === "socket" ? remembered.folder : null;
    return { kind: "socket", folder: await prepareSocketFolder(launcher, cluster, folder) };
  }
  const passfile = join(cluster, "pgpass");
  // Every user of the machine reaches the port, so there is a password, of this cluster alone and as old as it.
  if (remembered?.kind !== "loopback" || (await readFile(passfile, "utf8").catch(() => null)) === null) {
    await writeFileDurably(passfile, `127.0.0.1:*:*:postgres:${randomBytes(24).toString("base64url")}\n`);
  }
  return { kind: "loopback", port: await freeLoopbackPort(), passfile };
}

async function passwordOf(access: Access): Promise<Secret | null> {
  if (access.kind === "socket") return null;
  const line = (await readFile(access.passfile, "utf8")).trim();
  return new Secret(line.slice(line.lastIndexOf(":") + 1));
}

async function isLoaded(target: ConnectionTarget, password: Secret | null): Promise<boolean> {
  try {
    const session = await connect(target, password);
    await session.close();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "connection.databaseMissing") return false;
    throw error;
  }
}

/** The database gets its name when it is full, so one of that name is never half loaded. */
async function load(target: ConnectionTarget, password: Secret | null, signal: AbortSignal | undefined): Promise<void> {
  const applicationName = "lifeboat sample load";
  const options = signal === undefined ? { applicationName } : { applicationName, signal };
  await withSession(target, password, { ...options, database: "postgres" }, async (session) => {
    // A loader that was killed leaves its backends at work for a while.
    const endOthers = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = '${applicationName}' and pid <> pg_backend_pid()`;
    while ((await session.query(endOthers)).length > 0) await sleep(50);
    await session.query("drop database if exists shop_loading");
    await session.query("create database shop_loading template template0");
    await withSession(target, password, { ...options, database: "shop_loading" }, (inside) =>
      inside.query(sampleScript),
    );
    await session.query("alter database shop_loading owner to shop_app");
    await session.query("comment on database shop_loading is 'Lifeboat''s sample: a small shop'");
    await session.query(`alter database shop_loading rename to ${sampleDatabase}`);
  });
}

function targetOf(access: Access): ConnectionTarget {
  return {
    hosts: [
      access.kind === "socket" ? { host: access.folder, port: socketPort } : { host: "127.0.0.1", port: access.port },
    ],
    database: sampleDatabase,
    user: "postgres",
    sslMode: "disable",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    connectTimeoutSeconds: 15,
    options: null,
    targetSessionAttrs: "any",
    environment: "development",
    profile: null,
  };
}

/** The port is named although it is the usual one: PGPORT would otherwise decide. */
function urlOf(access: Access): string {
  if (access.kind === "loopback") {
    const passfile = encodeURIComponent(access.passfile);
    return `postgresql://postgres@127.0.0.1:${access.port}/${sampleDatabase}?passfile=${passfile}`;
  }
  const folder = encodeURIComponent(access.folder).replaceAll("%2F", "/");
  return `postgresql://postgres@/${sampleDatabase}?host=${folder}&port=${socketPort}`;
}

async function loadState(home: Home): Promise<SampleState | null> {
  const text = await readFile(places(home).stateFile, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    // Damaged or of another Lifeboat: as good as none, the next start writes it anew.
    return null;
  }
}
