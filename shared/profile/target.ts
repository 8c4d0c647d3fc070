import { AppError } from "../error/app-error.ts";
import { isLocalHost, isSocket, readHosts } from "./hosts.ts";
import { type ConnectionParameters, type Keyword, keywords } from "./keywords.ts";
import type { ConnectionProfile, ConnectionTarget, HostAddress, SshTunnel, SslMode } from "./profile.ts";

/** What fills the gaps that no source speaks of; the machine knows them, not this room. */
export interface TargetDefaults {
  /** Socket folder that has a server, or `localhost`. */
  readonly host: string;
  /** The operating system's name of this user; empty where it has none, as in some containers. */
  readonly user: string;
}

/** Seconds to wait for one host where nothing says another number; libpq itself would wait for ever. */
export const defaultConnectTimeoutSeconds = 15;

export const sslModes: readonly SslMode[] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const sessionAttributes: readonly ConnectionTarget["targetSessionAttrs"][] = [
  "any",
  "read-write",
  "read-only",
  "primary",
  "standby",
  "prefer-standby",
];

/** Keywords that libpq obeys, Lifeboat does not, and whose absence changes what the user asked for. */
const ignored: Readonly<Record<string, string>> = {
  require_auth: "the ways to log in are not limited",
  channel_binding: "channel binding is used where the server offers it, but not insisted on",
  sslcrl: "revoked certificates are not looked up",
  sslcrldir: "revoked certificates are not looked up",
  sslpassword: "an encrypted client key cannot be opened",
  ssl_min_protocol_version: "TLS 1.2 is the least",
  ssl_max_protocol_version: "the newest TLS that both sides know is used",
  requirepeer: "the owner of the socket is not looked at",
  gssencmode: "GSSAPI encryption is not used",
  load_balance_hosts: "hosts are tried in their order",
  replication: "an ordinary session is opened",
};

/** Values at which an ignored keyword asks for nothing that Lifeboat does not do anyway. */
const harmless: readonly string[] = ["", "prefer", "disable", "false", "TLSv1.2"];

/** The sources laid over each other, the strongest first: what one says, the later ones cannot change. */
export function mergeParameters(...sources: readonly ConnectionParameters[]): ConnectionParameters {
  const merged: ConnectionParameters = {};
  for (const source of sources) {
    for (const keyword of keywords) {
      const value = source[keyword];
      if (value !== undefined) merged[keyword] ??= value;
    }
  }
  return merged;
}

/**
 * The target that merged parameters describe, with libpq's defaults: port 5432, the database is named like the user,
 * sslmode `prefer` (`verify-full` with `sslrootcert=system`, as libpq 16 has it). Password, passfile and service are the
 * caller's.
 *
 * @returns warnings: sentences for people, about settings that are not obeyed and about a remote host that nobody checks
 * @throws AppError `connection.invalid` for values libpq refuses
 */
export function buildTarget(
  parameters: ConnectionParameters,
  defaults: TargetDefaults,
): { target: ConnectionTarget; warnings: string[] } {
  const warnings: string[] = [];
  const hosts = readHosts(parameters, defaults.host);
  if (parameters.host && parameters.hostaddr) {
    warnings.push("hostaddr is ignored: the host name is looked up instead.");
  }
  for (const keyword of keywords) {
    const consequence = ignored[keyword];
    const value = parameters[keyword];
    if (consequence !== undefined && value !== undefined && !harmless.includes(value)) {
      warnings.push(`${keyword} is ignored by Lifeboat's own sessions: ${consequence}.`);
    }
  }

  const user = parameters.user || defaults.user;
  if (user === "") {
    throw new AppError(
      "connection.invalid",
      "The connection names no user, and the operating system has no name for this one.",
      {
        hint: "Write the user into the URL, postgresql://user@host/database, or set PGUSER.",
      },
    );
  }
  const sslRootCert = parameters.sslrootcert || null;
  const sslMode = readSslMode(parameters.sslmode, sslRootCert);
  const remote = hosts.find(({ host }) => !isLocalHost(host));
  if (remote && parameters.sslmode === undefined && sslMode === "prefer") {
    warnings.push(
      `Nothing says how to guard the connection to ${remote.host}, so PostgreSQL's own default holds: encrypted if the server offers it, and nobody checks that it is the right server. Add sslmode=verify-full to have it checked.`,
    );
  }
  const target: ConnectionTarget = {
    hosts,
    database: parameters.dbname || user,
    user,
    sslMode,
    sslRootCert,
    sslCert: parameters.sslcert || null,
    sslKey: parameters.sslkey || null,
    connectTimeoutSeconds: readTimeout(parameters.connect_timeout),
    options: parameters.options || null,
    targetSessionAttrs: oneOf("target_session_attrs", sessionAttributes, parameters.target_session_attrs, "any"),
    environment: "development",
    profile: null,
  };
  return { target, warnings };
}

/** The sslmode of a new profile that names none: sockets and loopback as libpq does it, anything further is verified. */
export function defaultProfileSslMode(hosts: readonly HostAddress[]): SslMode {
  return hosts.every(({ host }) => isLocalHost(host)) ? "prefer" : "verify-full";
}

/** A profile as a target: what a profile does not hold takes its default. */
export function targetOfProfile(profile: ConnectionProfile): ConnectionTarget {
  return {
    hosts: profile.hosts,
    database: profile.database,
    user: profile.user,
    sslMode: profile.sslMode,
    sslRootCert: profile.sslRootCert,
    sslCert: profile.sslCert,
    sslKey: profile.sslKey,
    connectTimeoutSeconds: profile.connectTimeoutSeconds ?? defaultConnectTimeoutSeconds,
    options: profile.options ?? null,
    targetSessionAttrs: profile.targetSessionAttrs ?? "any",
    ...(profile.tunnel === undefined ? {} : { tunnel: profile.tunnel }),
    environment: profile.environment,
    profile: profile.name,
  };
}

/** Host and port for people: `db.example.org:5432`, `[::1]:5432`, `/tmp (port 5432)`. */
export function formatHost({ host, port }: HostAddress): string {
  if (isSocket(host)) return `${host} (port ${port})`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A target for people, without its password: `shop on db.example.org:5432 as me`. */
export function formatTarget(target: ConnectionTarget): string {
  const through = target.tunnel === undefined ? "" : ` through ${formatTunnel(target.tunnel)}`;
  return `${target.database} on ${target.hosts.map(formatHost).join(", ")} as ${target.user}${through}`;
}

/** An SSH server for people, as ssh takes it: `me@bastion.example.org`, with its port where one is said. */
export function formatTunnel({ host, port, user }: SshTunnel): string {
  const place = port === null ? host : formatHost({ host, port });
  return user === null ? place : `${user}@${place}`;
}

/** What `--ssh` takes: `[user@]host[:port]`, an IPv6 address in brackets. @throws AppError `ssh.configuration` */
export function parseSshAddress(text: string): Pick<SshTunnel, "host" | "port" | "user"> {
  const [, user, bracketed, plain, port] =
    /^(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:@[\]-][^\s:@[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) {
    throw new AppError("ssh.configuration", "The SSH server is not written as user@host:port.", {
      hint: "For example me@bastion.example.org, bastion:2222, or a Host of ~/.ssh/config.",
    });
  }
  return { host, port: port === undefined ? null : Number(port), user: user ?? null };
}

function readSslMode(text: string | undefined, sslRootCert: string | null): SslMode {
  const mode = oneOf("sslmode", sslModes, text, sslRootCert === "system" ? "verify-full" : "prefer");
  if (sslRootCert === "system" && mode !== "verify-full") {
    throw new AppError("connection.invalid", `sslrootcert=system and sslmode=${mode} do not go together.`, {
      hint: "The system's roots vouch for any public name, so only verify-full is safe with them. Use sslmode=verify-full.",
    });
  }
  return mode;
}

function readTimeout(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return defaultConnectTimeoutSeconds;
  if (!/^\s*[+-]?\d{1,9}\s*$/.test(text)) {
    throw new AppError("connection.invalid", "connect_timeout is not a whole number of seconds.");
  }
  return Math.max(0, Number(text));
}

function oneOf<T extends string>(keyword: Keyword, allowed: readonly T[], text: string | undefined, fallback: T): T {
  if (text === undefined) return fallback;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined) {
    throw new AppError("connection.invalid", `${keyword} has a value that PostgreSQL does not know.`, {
      hint: `It is one of: ${allowed.join(", ")}.`,
    });
  }
  return value;
}
