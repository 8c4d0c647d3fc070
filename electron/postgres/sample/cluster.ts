import { randomBytes } from "node:crypto";
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { type ServerPrograms, serverProgram } from "./server-programs.ts";
import type { Launcher, ServerUser } from "./server-user.ts";

/** How the sample's server is reached: a private socket, or on Windows a loopback port behind a password. */
export type Access =
  | { readonly kind: "socket"; readonly folder: string }
  | { readonly kind: "loopback"; readonly port: number; readonly passfile: string };

/** Names the socket's file; nothing listens on it. */
export const socketPort = 5432;
/** The file's name after the folder: `/.s.PGSQL.5432`. */
const socketNameBytes = 14;
/** sockaddr_un holds 107 bytes and a zero on Linux, 103 on macOS. */
const socketPathBytes = 103;

/** Major version of the data, or null where there is none yet. */
export async function clusterMajor(dataFolder: string): Promise<number | null> {
  const text = await readFile(join(dataFolder, "PG_VERSION"), "utf8").catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
}

/**
 * Makes an empty cluster with the superuser `postgres`, in UTF-8, sorted by code point as every machine sorts alike.
 * Made beside its place and renamed, so a data folder that exists is whole.
 *
 * @param password for a loopback port; null lets everyone in who reaches the socket, which is only its user and root
 * @throws AppError sample.failed with initdb's words
 */
export async function createCluster(
  launcher: Launcher,
  programs: ServerPrograms,
  clusterFolder: string,
  password: Secret | null,
): Promise<void> {
  // A name of its own each time: the initdb of a starter that was killed may still be at work on its own.
  for (const name of await readdir(clusterFolder)) {
    if (!name.startsWith("building-")) continue;
    await rm(join(clusterFolder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
  const building = join(clusterFolder, `building-${randomBytes(4).toString("hex")}`);
  const passwordFile = join(clusterFolder, "password");
  try {
    if (password !== null) await writeFile(passwordFile, `${password.reveal()}\n`, { mode: 0o600 });
    const authentication = password === null ? ["--auth=trust"] : ["--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    const args = [`--pgdata=${building}`, "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"];
    const run = await launcher.run(serverProgram(programs, "initdb"), [...args, ...authentication], 120_000);
    if (run.exitCode !== 0) {
      throw new AppError("sample.failed", "The sample's data folder could not be made.", { detail: run.stderr.trim() });
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(building, join(clusterFolder, "data"));
}

/** Writes the settings that may differ from start to start; postgresql.auto.conf is the file that is read last. */
export async function configureCluster(launcher: Launcher, dataFolder: string, access: Access): Promise<void> {
  const settings: Record<string, string> = {
    listen_addresses: access.kind === "socket" ? "" : "127.0.0.1",
    unix_socket_directories: access.kind === "socket" ? access.folder : "",
    port: String(access.kind === "socket" ? socketPort : access.port),
    // The sample can be made anew at any time, so it need not survive a power cut; loading is twice as fast.
    fsync: "off",
    full_page_writes: "off",
    shared_buffers: "64MB",
    max_connections: "50",
    cluster_name: "lifeboat sample",
    timezone: "UTC",
    log_timezone: "UTC",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${quoteSetting(value)}'`);
  const file = join(dataFolder, "postgresql.auto.conf");
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  await giveTo(launcher.user, file);
}

/** guc-file.l reads backslash escapes and doubled quotes inside quotes. */
function quoteSetting(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("'", "''");
}

/**
 * A private folder for the socket: in the cluster's folder, or in the system's temporary one where that path is too long
 * for a socket, or holds a comma, which separates hosts for libpq and folders for the server.
 *
 * @param remembered the last start's folder, used again when it is still there and ours
 */
export async function prepareSocketFolder(
  launcher: Launcher,
  clusterFolder: string,
  remembered: string | null,
): Promise<string> {
  const near = join(clusterFolder, "socket");
  if (suitsSocket(near)) {
    await makeOwnedFolder(launcher.user, near);
    return near;
  }
  if (remembered !== null && remembered !== near && (await isPrivate(launcher, remembered))) return remembered;
  const parent = suitsSocket(join(tmpdir(), "lifeboat-sample-123456")) ? tmpdir() : "/tmp";
  const folder = await mkdtemp(join(parent, "lifeboat-sample-"));
  await giveTo(launcher.user, folder);
  return folder;
}

function suitsSocket(folder: string): boolean {
  return Buffer.byteLength(folder) + socketNameBytes <= socketPathBytes && !folder.includes(",");
}

/** Somebody else could have made a folder of that name in a shared place since. */
async function isPrivate(launcher: Launcher, folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  const owner = launcher.user?.uid ?? process.getuid?.();
  return found !== null && found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0;
}

/** Makes a folder of the server's user, 0700. */
export async function makeOwnedFolder(user: ServerUser | null, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await giveTo(user, path);
}

async function giveTo(user: ServerUser | null, path: string): Promise<void> {
  if (user !== null) await chown(path, user.uid, user.gid);
}

/** A loopback port that is free now. */
export async function freeLoopbackPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", resolve);
  });
  const address = probe.address();
  await new Promise<void>((resolve) => {
    probe.close(() => resolve());
  });
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
