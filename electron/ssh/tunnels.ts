import type { Duplex } from "node:stream";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionTarget, HostAddress, SshTunnel } from "../../shared/profile/profile.ts";
import type { Secret } from "../secrets/secret.ts";
import { loadKnownHosts } from "./known-hosts.ts";
import type { SshAccess, SshConnection } from "./ssh-connection.ts";
import { findSshServer } from "./ssh-server.ts";

/** What is needed to open a tunnel and is not written in the target. */
export interface TunnelAccess {
  readonly knownHostsFile: string;
  /** The password or passphrase, by the question to ask for it; null: none to be had. */
  secret(question: string): Promise<Secret | null>;
}

/** One use of a tunnel. The SSH connection is shared by all uses of it in this process, and closed with the last. */
export interface TunnelUse {
  /** A stream to a host of the target, as the SSH server sees it. @throws AppError as SshConnection.openChannel */
  openChannel(address: HostAddress): Promise<Duplex>;
  /** A port on 127.0.0.1 that leads to a host of the target, for child processes; closed with this use. */
  openPort(address: HostAddress): Promise<number>;
  /** The failure of the tunnel behind an error of whoever used it, else that error. */
  explain(error: unknown): unknown;
  release(): Promise<void>;
}

interface SharedConnection {
  readonly opening: Promise<SshConnection>;
  /** Ends the attempt when nobody waits for it any more. */
  readonly giveUp: AbortController;
  users: number;
}

const accesses = new Map<string, TunnelAccess>();
const connections = new Map<string, SharedConnection>();

/** Says how a tunnel is logged in to, before its first use; resolving a connection does it. */
export function prepareTunnel(tunnel: SshTunnel, access: TunnelAccess): void {
  accesses.set(keyOf(tunnel), access);
}

/**
 * A use of the target's tunnel; null where it has none.
 * @throws AppError `ssh.*`, `job.cancelled`
 */
export async function useTunnel(target: ConnectionTarget, signal?: AbortSignal): Promise<TunnelUse | null> {
  if (target.tunnel === undefined) return null;
  const key = keyOf(target.tunnel);
  const shared = connections.get(key) ?? share(target.tunnel, target.connectTimeoutSeconds);
  connections.set(key, shared);
  shared.users++;
  const leave = async () => {
    shared.users--;
    if (shared.users > 0) return;
    if (connections.get(key) === shared) connections.delete(key);
    shared.giveUp.abort();
    await shared.opening.then(
      (connection) => connection.close(),
      () => {},
    );
  };
  try {
    const connection = await unlessAborted(shared.opening, signal);
    // Whoever comes next gets a fresh one; those who are in it learn of the loss by their streams.
    connection.onLoss(() => {
      if (connections.get(key) === shared) connections.delete(key);
    });
    return await use(connection, leave);
  } catch (error) {
    if (connections.get(key) === shared && !(error instanceof AppError && error.code === "job.cancelled")) {
      connections.delete(key);
    }
    await leave();
    throw error;
  }
}

async function use(connection: SshConnection, leave: () => Promise<void>): Promise<TunnelUse> {
  // Loaded late: sessions of our own need no port.
  const { openForward } = await import("./forward.ts");
  const forwards: Awaited<ReturnType<typeof openForward>>[] = [];
  let isReleased = false;
  return {
    openChannel: (address) => connection.openChannel(address),
    async openPort(address) {
      const forward = await openForward(connection, address);
      forwards.push(forward);
      return forward.port;
    },
    explain(error) {
      if (error instanceof AppError && error.code === "job.cancelled") return error;
      return connection.loss ?? forwards.find(({ failure }) => failure !== null)?.failure ?? error;
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      await Promise.all(forwards.map((forward) => forward.close()));
      await leave();
    },
  };
}

function share(tunnel: SshTunnel, timeoutSeconds: number): SharedConnection {
  const giveUp = new AbortController();
  return { opening: open(tunnel, timeoutSeconds, giveUp.signal), giveUp, users: 0 };
}

async function open(tunnel: SshTunnel, timeoutSeconds: number, signal: AbortSignal): Promise<SshConnection> {
  // ssh2 is loaded only where a tunnel is used: it is large.
  const { openSshConnection } = await import("./ssh-connection.ts");
  return openSshConnection(await findSshServer(tunnel), await accessOf(tunnel, timeoutSeconds, signal));
}

async function accessOf(tunnel: SshTunnel, timeoutSeconds: number, signal: AbortSignal): Promise<SshAccess> {
  const access = accesses.get(keyOf(tunnel));
  if (access === undefined) throw new Error("A tunnel was used before prepareTunnel said how to log in.");
  return {
    known: await loadKnownHosts(access.knownHostsFile),
    secret: (question) => access.secret(question),
    timeoutMs: timeoutSeconds * 1000,
    signal,
  };
}

/** Gives up waiting, not what is waited for: others may be waiting too. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) throw cancelled();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(cancelled());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function cancelled(): AppError {
  return new AppError("job.cancelled", "The connection was cancelled.");
}

function keyOf({ host, port, user, authentication, keyFile }: SshTunnel): string {
  return JSON.stringify([host, port, user, authentication, keyFile]);
}
