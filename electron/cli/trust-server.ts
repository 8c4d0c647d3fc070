import { AppError } from "../../shared/error/app-error.ts";
import type { SshTunnel } from "../../shared/profile/profile.ts";
import type { ShownHostKey } from "../ssh/trust-host.ts";
import type { Cli } from "./cli.ts";

/**
 * Shows the key of an SSH server to the person at the terminal, and trusts it where they say so, or where it is the one
 * whose fingerprint they named.
 * @param again the command that names the fingerprint, as far as that: `lifeboat profiles trust shop`
 * @returns the key, and in words what was done
 * @throws AppError `ssh.*`
 */
export async function trustServer(
  server: SshTunnel,
  fingerprint: string | undefined,
  again: string,
  cli: Cli,
): Promise<{ key: ShownHostKey; words: string }> {
  const { showHostKey, trustShownHostKey } = await import("../ssh/trust-host.ts");
  const { knownHostsFile } = cli.home;
  const shown = await showHostKey(server, knownHostsFile, cli.signal);
  const described = `${shown.keyType} ${shown.fingerprint}`;
  if (!shown.isTrusted && fingerprint === undefined) {
    const question = `${shown.server} shows the key ${described}. Is it the right one? Type yes to trust it:`;
    const answer = await cli.ask(question, { secret: false });
    if (answer?.trim().toLowerCase() !== "yes") {
      throw new AppError("ssh.hostKeyUnknown", `${shown.server} shows the key ${described}. It was not trusted.`, {
        hint: `Compare it with what the server's keeper says, then: ${again} --fingerprint ${shown.fingerprint}`,
      });
    }
  }
  const key = await trustShownHostKey(server, fingerprint ?? shown.fingerprint, knownHostsFile, cli.signal);
  const words = shown.isTrusted
    ? `The key of ${shown.server} is trusted already: ${described}`
    : `Trusted from now on: ${shown.server} ${described}`;
  return { key, words };
}
