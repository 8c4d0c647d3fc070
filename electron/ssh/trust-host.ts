import { AppError } from "../../shared/error/app-error.ts";
import type { SshTunnel } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";
import { fingerprintOf, judgeHostKey, keyTypeOf, knownHostName, loadKnownHosts, trustHostKey } from "./known-hosts.ts";
import { hostKeyError } from "./ssh-error.ts";
import { findSshServer } from "./ssh-server.ts";

/** The key a server shows, for a person to compare. */
export interface ShownHostKey {
  /** Host and port as they are reached. */
  readonly server: string;
  readonly keyType: string;
  /** As ssh prints it: `SHA256:…`. */
  readonly fingerprint: string;
  readonly isTrusted: boolean;
}

/**
 * Asks a server for its key, without logging in.
 * @throws AppError `ssh.hostKeyChanged`, `ssh.hostKeyRevoked`: such a key cannot be trusted from here; `ssh.*`
 */
export async function showHostKey(
  tunnel: SshTunnel,
  knownHostsFile: string,
  signal: AbortSignal,
): Promise<ShownHostKey> {
  return (await lookAt(tunnel, knownHostsFile, signal)).shown;
}

/**
 * Trusts the key of a server from now on, by a line in Lifeboat's own file. The server is asked once more: what is
 * trusted is the key whose fingerprint was looked at, and no other.
 * @throws AppError `ssh.hostKeyChanged` when it shows another one now; `ssh.*`
 */
export async function trustShownHostKey(
  tunnel: SshTunnel,
  fingerprint: string,
  knownHostsFile: string,
  signal: AbortSignal,
): Promise<ShownHostKey> {
  const { shown, name, key } = await lookAt(tunnel, knownHostsFile, signal);
  if (shown.fingerprint !== fingerprint) {
    throw new AppError("ssh.hostKeyChanged", `${shown.server} shows another key than the one to be trusted.`, {
      detail: `To be trusted: ${fingerprint}\nShown: ${shown.keyType} ${shown.fingerprint}`,
      hint: "Nothing was trusted. Look at the fingerprint again.",
    });
  }
  if (!shown.isTrusted) await trustHostKey(knownHostsFile, name, key);
  return { ...shown, isTrusted: true };
}

async function lookAt(tunnel: SshTunnel, knownHostsFile: string, signal: AbortSignal) {
  const { readHostKey } = await import("./ssh-connection.ts");
  const server = await findSshServer(tunnel);
  const known = await loadKnownHosts(knownHostsFile);
  const key = await readHostKey(server, { known, secret: async () => null, timeoutMs: 15_000, signal });
  const name = knownHostName(server.host, server.port);
  const verdict = judgeHostKey(known, name, key);
  if (verdict.kind === "changed" || verdict.kind === "revoked") throw hostKeyError(verdict, server, key);
  const shown: ShownHostKey = {
    server: formatHost(server),
    keyType: keyTypeOf(key),
    fingerprint: fingerprintOf(key),
    isTrusted: verdict.kind === "trusted",
  };
  return { shown, name, key };
}
