import { AppError } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import { classifyServerError } from "../../shared/error/classify-server-error.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import type { ConnectionTarget, HostAddress } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";

/** An error as the driver, the socket or the TLS library throws it: all have text fields, none a common class. */
export interface ThrownError {
  readonly message: string;
  /** SQLSTATE, or Node's or OpenSSL's code. */
  readonly code: string;
  /** The server's severity; empty when the server did not say it. */
  readonly severity: string;
  readonly detail: string;
  readonly hint: string;
}

/** The text fields of any thrown thing; of an AggregateError (several addresses of one name) those of its first part. */
export function readThrown(thrown: unknown): ThrownError {
  const source: unknown = thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors[0] : thrown;
  const text = (key: string): string => {
    const value: unknown = typeof source === "object" && source !== null ? Reflect.get(source, key) : undefined;
    return typeof value === "string" ? value : "";
  };
  return {
    message: text("message") || String(source),
    code: text("code"),
    severity: text("severity"),
    detail: text("detail"),
    hint: text("hint"),
  };
}

/** True when the server itself refused, with an SQLSTATE: another address or another encryption rarely helps. */
export function isServerError(error: ThrownError): boolean {
  return error.severity !== "" && /^[0-9A-Z]{5}$/.test(error.code);
}

/** pg's words for a server that answers N to the request for TLS (pg/lib/connection.js). */
export const tlsUnsupported = "The server does not support SSL connections";

/** A failed attempt at one host as an AppError with a `connection.*` code. */
export function connectionError(
  thrown: unknown,
  target: ConnectionTarget,
  database: string,
  host: HostAddress,
): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = readThrown(thrown);
  const place = formatHost(host);
  const [code, message, hint] = isServerError(error)
    ? describeRefusal(error, target, database, place)
    : describeFailure(error, target, host, place);
  const detail = [error.message, error.detail, error.hint].filter((line) => line !== "").join("\n");
  return new AppError(code, message, { detail, hint, cause: thrown });
}

type Description = readonly [code: ErrorCode, message: string, hint?: string | undefined];

/** The server answered, or a pooler in its name, and said no: code and remedy as for the tools' own words, the sentence with its names. */
function describeRefusal(error: ThrownError, target: ConnectionTarget, database: string, place: string): Description {
  if (error.message.startsWith("unsupported startup parameter")) {
    return [
      "connection.pooler",
      `A connection pooler answers at ${place}, and it refuses a setting of this connection.`,
      "Use the server's own address, past the pooler; or leave out options (PGOPTIONS).",
    ];
  }
  const { code, meaning, remedy } = classifyServerError(error.code, `${error.severity}:  ${error.message}`);
  const sentences: Readonly<Record<string, string>> = {
    "28P01": `${place} did not accept the password of ${target.user}.`,
    "3D000": `There is no database ${database} on ${place}.`,
    "42501": `${target.user} may not connect to ${database} on ${place}.`,
    "53300": `${place} has no free connection left.`,
    "57P03": `${place} does not take connections at the moment.`,
    "55000": `The database ${database} on ${place} does not take connections (ALLOW_CONNECTIONS is off).`,
  };
  const isKnown = code.startsWith("connection.") || code === "postgres.permissionDenied";
  const sentence = sentences[error.code] ?? `${place} does not let ${target.user} in.`;
  const explained = sentences[error.code] === undefined && isKnown && meaning !== null;
  return [
    isKnown ? code : "connection.failed",
    explained ? `${sentence} ${meaning}` : sentence,
    isKnown ? (remedy ?? undefined) : undefined,
  ];
}

/** Nothing that speaks PostgreSQL answered; by Node's and OpenSSL's codes. */
function describeFailure(error: ThrownError, target: ConnectionTarget, host: HostAddress, place: string): Description {
  const { code, message } = error;
  if (message === "timeout expired" || code === "ETIMEDOUT") {
    return ["connection.timeout", `${place} did not answer within ${target.connectTimeoutSeconds} seconds.`];
  }
  if (message === tlsUnsupported) {
    return [
      "connection.tls",
      `${place} does not offer TLS, and sslmode=${target.sslMode} insists on it.`,
      "Turn TLS on at the server. Only on a network you trust: choose sslmode=prefer.",
    ];
  }
  if (isSocket(host.host) && (code === "ENOENT" || code === "ECONNREFUSED")) {
    return ["connection.refused", `No server listens on the socket ${host.host}, port ${host.port}.`];
  }
  switch (code) {
    case "ECONNREFUSED":
      return ["connection.refused", `Nothing listens at ${place}.`];
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return ["connection.hostNotFound", `The name ${host.host} cannot be found.`];
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return [
        "connection.failed",
        `There is no way through the network to ${place}.`,
        "Check the network and the VPN.",
      ];
    case "EACCES":
      return ["connection.failed", `This user may not open ${place}.`, "Check who may reach the socket folder."];
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return [
        "connection.tls",
        `The certificate of ${place} is not for the name ${host.host}.`,
        "Use the name the certificate is for. If the server was moved on purpose, ask for a new certificate.",
      ];
    case "CERT_HAS_EXPIRED":
      return ["connection.tls", `The certificate of ${place} has expired.`, "Ask the server's keeper to renew it."];
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return [
        "connection.tls",
        `The certificate of ${place} is not vouched for by ${rootsInUse(target)}.`,
        "Name the authority's certificate with sslrootcert. Hosters offer it for download.",
      ];
    default:
      break;
  }
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code.startsWith("ERR_OSSL") || code === "EPROTO") {
    return ["connection.tls", `No encrypted connection to ${place} came about.`];
  }
  if (message.startsWith("SASL") || message.startsWith("Unknown authenticationOk message type")) {
    return [
      "connection.authentication",
      `${place} and Lifeboat know no common way to log in.`,
      "Lifeboat logs in with a password (SCRAM or MD5) or a client certificate; not with Kerberos, SSPI or OAuth.",
    ];
  }
  if (code === "ECONNRESET" || code === "EPIPE" || message.startsWith("Connection terminated")) {
    return [
      "connection.failed",
      `${place} broke off the connection before it was made.`,
      "Check that a PostgreSQL server answers there, and not another service or a proxy.",
    ];
  }
  return ["connection.failed", `No connection to ${place} came about.`];
}

function rootsInUse(target: ConnectionTarget): string {
  return target.sslRootCert === null || target.sslRootCert === "system"
    ? "an authority this system trusts"
    : target.sslRootCert;
}
