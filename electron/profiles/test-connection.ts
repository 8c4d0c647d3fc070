import { isIP } from "node:net";
import { AppError, type ErrorValue } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { formatHost, formatTunnel } from "../../shared/profile/target.ts";
import { connect, type Session } from "../postgres/connect.ts";
import { runPreflight } from "../postgres/preflight.ts";
import type { ResolvedConnection } from "./resolve-connection.ts";

/** The steps of a connection in the order in which they can fail. */
export const connectionSteps = ["name", "port", "TLS", "login", "database", "privileges"] as const;

/** The steps before them where the way leads through SSH. */
export const sshSteps = ["SSH name", "SSH port", "SSH host key", "SSH login"] as const;

export type ConnectionStep = (typeof connectionSteps)[number] | (typeof sshSteps)[number];

export interface StepResult {
  readonly step: ConnectionStep;
  /** `skipped`: not reached, because an earlier step failed. */
  readonly state: "ok" | "failed" | "skipped";
  readonly message: string;
}

export interface ConnectionTest {
  readonly ok: boolean;
  readonly steps: StepResult[];
  /** As the server writes it; null when it was not reached. */
  readonly serverVersion: string | null;
  readonly error: ErrorValue | null;
}

const failedSteps: Partial<Record<ErrorCode, ConnectionStep>> = {
  "ssh.configuration": "SSH login",
  "ssh.hostNotFound": "SSH name",
  "ssh.unreachable": "SSH port",
  "ssh.failed": "SSH port",
  "ssh.lost": "SSH port",
  "ssh.hostKeyUnknown": "SSH host key",
  "ssh.hostKeyChanged": "SSH host key",
  "ssh.hostKeyRevoked": "SSH host key",
  "ssh.secretMissing": "SSH login",
  "ssh.authentication": "SSH login",
  "ssh.forwardingRefused": "port",
  "connection.hostNotFound": "name",
  "connection.refused": "port",
  "connection.timeout": "port",
  "connection.tls": "TLS",
  "connection.authentication": "login",
  "connection.passwordMissing": "login",
  "connection.notAllowed": "login",
  "connection.tooMany": "login",
  "connection.notReady": "login",
  "connection.databaseMissing": "database",
  "postgres.permissionDenied": "database",
};

/** Tries a connection and says how far it came. Throws what is no step of a connection: `profile.*`, `job.cancelled`. */
export async function testConnection(
  resolve: () => Promise<ResolvedConnection>,
  signal: AbortSignal,
): Promise<ConnectionTest> {
  let connection: ResolvedConnection | null = null;
  let session: Session;
  try {
    // Resolving connects already where it has to find out whether a password is wanted.
    connection = await resolve();
    session = await connect(connection.target, connection.password, { signal });
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "job.cancelled") throw error;
    const step = error.code === "connection.failed" ? "port" : failedSteps[error.code];
    if (step === undefined) throw error;
    const isThroughSsh = connection?.target.tunnel !== undefined || error.code.startsWith("ssh.");
    return failedAt(step, error, isThroughSsh);
  }
  try {
    const { server, database, findings } = await runPreflight(session, { globals: false });
    const stop = findings.find(({ level }) => level === "stop");
    const steps: StepResult[] = [
      ...describeTunnel(connection.target),
      { step: "name", state: "ok", message: nameMessage(session, connection.target) },
      { step: "port", state: "ok", message: `${formatHost(session.address)} answers` },
      { step: "TLS", state: "ok", message: tlsMessage(session, connection) },
      { step: "login", state: "ok", message: loginMessage(connection) },
      { step: "database", state: "ok", message: database },
      {
        step: "privileges",
        state: stop === undefined ? "ok" : "failed",
        message: stop?.message ?? "everything can be read",
      },
    ];
    return {
      ok: stop === undefined,
      steps,
      serverVersion: server.version,
      error:
        stop === undefined
          ? null
          : new AppError("postgres.permissionDenied", stop.message, {
              detail: stop.objects.slice(0, 20).join(", "),
              hint: stop.remedy ?? undefined,
            }).toValue(),
    };
  } finally {
    await session.close();
  }
}

function failedAt(failed: ConnectionStep, error: AppError, isThroughSsh: boolean): ConnectionTest {
  const all: readonly ConnectionStep[] = isThroughSsh ? [...sshSteps, ...connectionSteps] : connectionSteps;
  const at = all.indexOf(failed);
  const steps = all.map((step, index): StepResult => {
    if (index < at) return { step, state: "ok", message: "" };
    return index === at
      ? { step, state: "failed", message: error.message }
      : { step, state: "skipped", message: "not reached" };
  });
  return { ok: false, steps, serverVersion: null, error: error.toValue() };
}

function describeTunnel({ tunnel }: ConnectionTarget): StepResult[] {
  if (tunnel === undefined) return [];
  const messages = {
    "SSH name": `${tunnel.host} is known`,
    "SSH port": `${formatTunnel(tunnel)} answers`,
    "SSH host key": "the one that is trusted",
    "SSH login": loginWays[tunnel.authentication],
  };
  return sshSteps.map((step) => ({ step, state: "ok", message: messages[step] }));
}

const loginWays = { agent: "by the SSH agent or a usual key", key: "by key", password: "by password" } as const;

function nameMessage({ address }: Session, { tunnel }: ConnectionTarget): string {
  if (tunnel !== undefined) return `${address.host}, as ${tunnel.host} sees it`;
  if (isSocket(address.host)) return "a socket on this machine";
  return isIP(address.host) === 0 ? `${address.host} is known` : "an address, nothing to look up";
}

function loginMessage({ target, passwordFrom }: ResolvedConnection): string {
  return passwordFrom === "none"
    ? `as ${target.user}, without a password`
    : `as ${target.user}, password from ${passwordFrom}`;
}

function tlsMessage(session: Session, { target }: ResolvedConnection): string {
  if (isSocket(session.address.host)) return "a socket needs none";
  if (!session.encrypted) return "not encrypted";
  if (target.sslMode === "verify-full") return "encrypted, and the server is who it says";
  return target.sslMode === "verify-ca"
    ? "encrypted, with a certificate of a trusted authority"
    : "encrypted, but nobody checks that it is the right server";
}
