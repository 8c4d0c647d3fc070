import { isIP } from "node:net";
import { AppError, type ErrorValue } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import { formatHost } from "../../shared/profile/target.ts";
import { connect, type Session } from "../postgres/connect.ts";
import { runPreflight } from "../postgres/preflight.ts";
import type { ResolvedConnection } from "./resolve-connection.ts";

/** The steps of a connection in the order in which they can fail. */
export const connectionSteps = ["name", "port", "TLS", "login", "database", "privileges"] as const;

export type ConnectionStep = (typeof connectionSteps)[number];

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
  let connection: ResolvedConnection;
  let session: Session;
  try {
    // Resolving connects already where it has to find out whether a password is wanted.
    connection = await resolve();
    session = await connect(connection.target, connection.password, { signal });
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "job.cancelled") throw error;
    const step = error.code === "connection.failed" ? "port" : failedSteps[error.code];
    if (step === undefined) throw error;
    return failedAt(step, error);
  }
  try {
    const { server, database, findings } = await runPreflight(session, { globals: false });
    const stop = findings.find(({ level }) => level === "stop");
    const steps: StepResult[] = [
      { step: "name", state: "ok", message: nameMessage(session) },
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

function failedAt(failed: ConnectionStep, error: AppError): ConnectionTest {
  const at = connectionSteps.indexOf(failed);
  const steps = connectionSteps.map((step, index): StepResult => {
    if (index < at) return { step, state: "ok", message: "" };
    return index === at
      ? { step, state: "failed", message: error.message }
      : { step, state: "skipped", message: "not reached" };
  });
  return { ok: false, steps, serverVersion: null, error: error.toValue() };
}

function nameMessage({ address }: Session): string {
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
