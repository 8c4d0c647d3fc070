import { AppError } from "../../shared/error/app-error.ts";
import type { HostAddress } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";
import { fingerprintOf, keyTypeOf, type Verdict } from "./known-hosts.ts";
import type { SshServer } from "./ssh-server.ts";

/** Why a server's key stops us; null for a trusted one. */
export function hostKeyError(verdict: Verdict, server: SshServer, key: Buffer): AppError | null {
  const place = formatHost(server);
  const shown = `${keyTypeOf(key)} ${fingerprintOf(key)}`;
  switch (verdict.kind) {
    case "trusted":
      return null;
    case "revoked":
      return new AppError("ssh.hostKeyRevoked", `The key that ${place} shows has been revoked.`, {
        detail: `${shown}\nRevoked in ${verdict.place}.`,
      });
    case "changed":
      return new AppError(
        "ssh.hostKeyChanged",
        `${place} shows another key than the one that is known. Somebody may be in between, reading along; or the server got a new key. Nothing was sent.`,
        { detail: `It shows ${shown}\nAnother key is known by ${verdict.place}.` },
      );
    case "unknown":
      return new AppError(
        "ssh.hostKeyUnknown",
        `${place} is not known yet. Its key is ${shown}.`,
        verdict.authority === null
          ? {}
          : {
              detail: `${verdict.authority} vouches for it through an authority's certificate (@cert-authority), which Lifeboat cannot check.`,
            },
      );
    default:
      return verdict satisfies never;
  }
}

/** A failed connection or login, by ssh2's levels and Node's codes, as `ssh.*`. */
export function sshError(thrown: unknown, server: SshServer): AppError {
  if (thrown instanceof AppError) return thrown;
  const { message, code, level } = readFields(thrown);
  const place = formatHost(server);
  const ignored = server.ignored.map((line) => `~/.ssh/config says “${line}”, which Lifeboat does not obey.`);
  const detail = [message, ...ignored].join("\n");
  const because = { detail, cause: thrown };
  if (level === "client-authentication") {
    return new AppError("ssh.authentication", `${place} does not let ${server.user} in.`, because);
  }
  if (level === "agent") return new AppError("ssh.authentication", "The SSH agent could not sign.", because);
  if (level === "client-timeout" || code === "ETIMEDOUT") {
    return new AppError("ssh.unreachable", `The SSH server ${place} did not answer in time.`, because);
  }
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return new AppError("ssh.hostNotFound", `The name ${server.host} cannot be found.`, because);
    case "ECONNREFUSED":
      return new AppError("ssh.unreachable", `Nothing listens at ${place}, where the SSH server should be.`, because);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return new AppError("ssh.unreachable", `There is no way through the network to ${place}.`, because);
    default:
      return new AppError("ssh.failed", `No SSH connection to ${place} came about.`, {
        ...because,
        hint: "Check that an SSH server answers there, and not another service.",
      });
  }
}

/** SSH_MSG_CHANNEL_OPEN_FAILURE's reasons (RFC 4254, 5.1). */
const administrativelyProhibited = 1;

/** What kept the SSH server from reaching an address; its words are those of OpenSSH's sshd. */
export function channelError(thrown: unknown, address: HostAddress, server: SshServer): AppError {
  const { message, reason } = readFields(thrown);
  const place = formatHost(address);
  const gate = formatHost(server);
  const because = { detail: message, cause: thrown };
  if (reason === administrativelyProhibited) {
    return new AppError("ssh.forwardingRefused", `The SSH server ${gate} does not forward to ${place}.`, because);
  }
  if (/refused/i.test(message)) {
    return new AppError("connection.refused", `Nothing listens at ${place}, as ${gate} sees it.`, because);
  }
  if (/unknown host|not known|resolve|no address/i.test(message)) {
    return new AppError("connection.hostNotFound", `The name ${address.host} cannot be found by ${gate}.`, {
      ...because,
      hint: "The host is meant as the SSH server sees it: localhost for a database on the same machine.",
    });
  }
  if (/timed out/i.test(message)) {
    return new AppError("connection.timeout", `${place} did not answer ${gate}.`, because);
  }
  return new AppError("connection.failed", `The SSH server ${gate} cannot reach ${place}.`, because);
}

/** Why there is no SFTP on a server that let us in. */
export function noSftp(thrown: unknown, server: SshServer): AppError {
  return new AppError("storage.unsupported", `The SSH server ${formatHost(server)} offers no SFTP.`, {
    detail: readFields(thrown).message,
    hint: "Ask its keeper to allow it (Subsystem sftp in sshd_config).",
    cause: thrown,
  });
}

function readFields(thrown: unknown): { message: string; code: string; level: string; reason: unknown } {
  const field = (key: string): unknown =>
    typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, key) : undefined;
  return {
    message: thrown instanceof Error ? thrown.message : String(thrown),
    code: textOf(field("code")),
    level: textOf(field("level")),
    reason: field("reason"),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
