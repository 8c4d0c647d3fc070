import { readFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { SshTunnel } from "../../shared/profile/profile.ts";
import { parseSshConfig } from "../../shared/profile/ssh-config.ts";

/** An SSH server as it is to be reached: what the profile leaves open is taken from ~/.ssh/config, then from ssh's defaults. */
export interface SshServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly authentication: SshTunnel["authentication"];
  /** Private keys to try; the first `isChosen` when a person named it, so that its absence is a failure. */
  readonly keyFiles: readonly string[];
  readonly isKeyChosen: boolean;
  /** Lines of ~/.ssh/config that are not obeyed and may be why the server is not reached. */
  readonly ignored: readonly string[];
}

/** ssh's own, in its order, for what ssh2 can sign with (ssh_config(5), IdentityFile). */
const usualKeyFiles = ["id_rsa", "id_ecdsa", "id_ed25519"];

/** @throws AppError `ssh.configuration` when ~/.ssh/config is there and cannot be read */
export async function findSshServer(tunnel: SshTunnel): Promise<SshServer> {
  const folder = join(homedir(), ".ssh");
  const settings = parseSshConfig(await readConfig(join(folder, "config")), tunnel.host);
  const host = settings.hostName ?? tunnel.host;
  const port = tunnel.port ?? settings.port ?? 22;
  const user = tunnel.user ?? settings.user ?? userInfo().username;
  const expand = (path: string) => {
    const tokens: Record<string, string> = {
      "%d": homedir(),
      "%h": host,
      "%r": user,
      "%u": userInfo().username,
      "%%": "%",
    };
    return path.replace(/^~(?=[\\/])/, homedir()).replaceAll(/%[dhru%]/g, (token) => tokens[token] ?? token);
  };
  const named = tunnel.keyFile === null ? settings.identityFiles : [tunnel.keyFile];
  return {
    host,
    port,
    user,
    authentication: tunnel.authentication,
    keyFiles: named.length > 0 ? named.map(expand) : usualKeyFiles.map((name) => join(folder, name)),
    isKeyChosen: tunnel.keyFile !== null,
    ignored: settings.ignored,
  };
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return "";
    throw new AppError("ssh.configuration", `${path} cannot be read.`, {
      detail: error instanceof Error ? error.message : undefined,
      hint: "Check who may read the file.",
      cause: error,
    });
  }
}
