import { readdir } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionTarget, HostAddress } from "../../shared/profile/profile.ts";
import { listDatabases } from "../postgres/catalog.ts";
import { withSession } from "../postgres/connect.ts";
import { systemDefaults } from "../profiles/client-files.ts";
import { locatePgpass, readPgpass } from "../secrets/pgpass.ts";
import type { Secret } from "../secrets/secret.ts";
import type { Finding } from "./found-databases.ts";
import { type Login, pgpassLogins } from "./pgpass-lines.ts";

const socketFolders = ["/var/run/postgresql", "/tmp"];
const firstPort = 5432;
const lastPort = 5439;
const portAnswersWithinMs = 400;

interface Look {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Servers of this computer by their sockets and the usual ports. Where a login works without asking (trust, peer, or a
 * password that .pgpass has for this very server) all their databases; else the server itself, with its user unknown.
 * No password is ever guessed, so no account can be locked by it.
 */
export async function findRunning(look: Look, found: Finding[]): Promise<void> {
  const addresses = [...(await findSockets()), ...(await findPorts(look.signal))];
  const answers = await Promise.all(addresses.map((address) => lookInto(address, look)));
  const byPort = new Map<number, Finding[]>();
  for (const findings of answers) {
    const port = findings[0]?.target.hosts[0]?.port ?? 0;
    const known = byPort.get(port);
    // One server has a socket and a port: the way in that is open stands for both.
    if (known === undefined || (known[0]?.isOpen === false && findings[0]?.isOpen === true)) byPort.set(port, findings);
  }
  found.push(...[...byPort.values()].flat());
}

async function findSockets(): Promise<HostAddress[]> {
  if (process.platform === "win32") return [];
  const found = await Promise.all(
    socketFolders.map(async (host) => {
      const names = await readdir(host).catch(() => []);
      return names.flatMap((name) => {
        const port = /^\.s\.PGSQL\.(\d{1,5})$/.exec(name)?.[1];
        return port === undefined ? [] : [{ host, port: Number(port) }];
      });
    }),
  );
  return found.flat();
}

async function findPorts(signal: AbortSignal): Promise<HostAddress[]> {
  const ports = Array.from({ length: lastPort - firstPort + 1 }, (_, index) => firstPort + index);
  const open = await Promise.all(ports.map((port) => isOpen(port, signal)));
  return ports.filter((_, index) => open[index]).map((port) => ({ host: "localhost", port }));
}

function isOpen(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: "127.0.0.1", port, signal });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(portAnswersWithinMs, () => end(false));
    socket.on("connect", () => end(true));
    socket.on("error", () => end(false));
  });
}

/** All databases of a server that lets us in; the server alone where none of the users is let in; nothing where it is none. */
async function lookInto(address: HostAddress, { env, signal }: Look): Promise<Finding[]> {
  let isServer = false;
  for (const { user, database } of await candidateLogins(address, env)) {
    const { password, place } = await readPgpass(locatePgpass(env), { ...address, database, user });
    try {
      // One user after another: the first that is let in is enough.
      // oxlint-disable-next-line no-await-in-loop
      return await listOpen(targetOf(address, user, database), password, place, signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (notServer.has(error.code)) return [];
      isServer = true;
    }
  }
  if (!isServer) return [];
  const target = targetOf(address, systemDefaults().user || "postgres", "postgres");
  const nothing = { password: null, passwordFrom: "none", service: null, serverVersion: null, sizeBytes: null };
  return [{ source: "running", target, isOpen: false, ...nothing }];
}

/** A socket without a server, a port of something else, or one that does not answer in time. */
const notServer = new Set<string>(["connection.refused", "connection.failed", "connection.timeout", "job.cancelled"]);

/** What .pgpass names, then the users that are let in without a password most often. */
async function candidateLogins(address: HostAddress, env: NodeJS.ProcessEnv): Promise<Login[]> {
  const inPgpass = await pgpassLogins(locatePgpass(env), address);
  const users = new Set([env["PGUSER"] ?? "", systemDefaults().user, "postgres"].filter((user) => user !== ""));
  return [...inPgpass.slice(0, 3), ...[...users].map((user) => ({ user, database: "postgres" }))];
}

async function listOpen(
  target: ConnectionTarget,
  password: Secret | null,
  place: string | null,
  signal: AbortSignal,
): Promise<Finding[]> {
  return withSession(target, password, { signal }, async (session) => {
    const [row] = await session.query<{ version: string }>(
      "select pg_catalog.current_setting('server_version') as version",
    );
    const databases = (await listDatabases(session)).filter(({ allowConnections }) => allowConnections);
    // `postgres` is where nobody keeps anything, unless it is all there is.
    const shown = databases.length > 1 ? databases.filter(({ name }) => name !== "postgres") : databases;
    return shown.map(({ name, sizeBytes }) => ({
      source: "running",
      target: { ...target, database: name, connectTimeoutSeconds: 15 },
      password,
      passwordFrom: place ?? "none",
      service: null,
      isOpen: true,
      serverVersion: row?.version.split(" ")[0] ?? null,
      sizeBytes,
    }));
  });
}

function targetOf(address: HostAddress, user: string, database: string): ConnectionTarget {
  return {
    hosts: [address],
    database,
    user,
    sslMode: "prefer",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    connectTimeoutSeconds: 1,
    options: null,
    targetSessionAttrs: "any",
    environment: "development",
    profile: null,
  };
}
