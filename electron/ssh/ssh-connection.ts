import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
// By its default export: Node finds no names in this CommonJS package.
import ssh2, { type AnyAuthMethod, type CipherAlgorithm, type Client, type ServerHostKeyAlgorithm } from "ssh2";
import { AppError } from "../../shared/error/app-error.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import type { HostAddress } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";
import type { Secret } from "../secrets/secret.ts";
import { parsePrivateKey } from "./key-formats.ts";
import { judgeHostKey, type KnownHost, knownHostName, knownKeyTypes } from "./known-hosts.ts";
import type { SftpCalls } from "./sftp-session.ts";
import { channelError, hostKeyError, noSftp, sshError } from "./ssh-error.ts";
import type { SshServer } from "./ssh-server.ts";

/** A logged-in connection to an SSH server. */
export interface SshConnection {
  /**
   * A stream to an address as the SSH server sees it; a socket folder is reached through its socket's path.
   * @throws AppError `connection.refused`, `connection.hostNotFound`, `connection.timeout`, `connection.failed`,
   *   `ssh.forwardingRefused`, `ssh.lost`
   */
  openChannel(address: HostAddress): Promise<Duplex>;
  /** The server's files. @throws AppError `storage.unsupported` where it has no such subsystem, `ssh.lost` */
  openSftp(): Promise<SftpCalls>;
  /** Why the connection is gone; null while it is there, and after close(). */
  readonly loss: AppError | null;
  /** Called once when the connection goes without close(). */
  onLoss(listener: (loss: AppError) => void): void;
  close(): void;
}

export interface SshAccess {
  readonly known: readonly KnownHost[];
  /** The password or a key's passphrase, by the question to ask for it; null where there is none to be had. */
  secret(question: string): Promise<Secret | null>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** After three unanswered questions the connection counts as lost: 45 seconds of silence. */
const keepalive = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

/** Host key algorithms we ask for, the best first. SHA-1 signatures (ssh-rsa) are left out, as in OpenSSH since 8.8. */
const hostKeyAlgorithms: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Those that Node's OpenSSL does natively come first: ssh2 without its native part does ChaCha20 in WebAssembly. */
const ciphers: readonly CipherAlgorithm[] = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];

/**
 * Connects, checks the server's key, and logs in.
 * @throws AppError `ssh.*`, `job.cancelled`
 */
export async function openSshConnection(server: SshServer, access: SshAccess): Promise<SshConnection> {
  // Secrets are asked for before the clock of the connection runs.
  const authHandler = await planAuthentication(server, access);
  const client = new ssh2.Client();
  let denied: AppError | null = null;
  await handshake(client, server, access, {
    authHandler,
    judge(key) {
      const name = knownHostName(server.host, server.port);
      denied = hostKeyError(judgeHostKey(access.known, name, key), server, key);
      return denied === null;
    },
    explain: (error) => denied ?? sshError(error, server),
  });
  return watch(client, server);
}

/** The key that a server shows, without logging in. @throws AppError `ssh.*`, `job.cancelled` */
export async function readHostKey(server: SshServer, access: SshAccess): Promise<Buffer> {
  const client = new ssh2.Client();
  let seen: Buffer | null = null;
  try {
    await handshake(client, server, access, {
      authHandler: [],
      judge(key) {
        seen = key;
        return false;
      },
      explain: (error) => sshError(error, server),
    });
  } catch (error) {
    if (seen === null) throw error;
    return seen;
  } finally {
    client.destroy();
  }
  throw new AppError("ssh.failed", `${formatHost(server)} shows no host key.`);
}

interface Handshake {
  readonly authHandler: AnyAuthMethod[];
  judge(key: Buffer): boolean;
  explain(error: unknown): AppError;
}

function handshake(client: Client, server: SshServer, access: SshAccess, how: Handshake): Promise<void> {
  const types = knownKeyTypes(access.known, knownHostName(server.host, server.port));
  const order = [...types, ...Object.keys(hostKeyAlgorithms)].flatMap((type) => hostKeyAlgorithms[type] ?? []);
  const { signal } = access;
  return new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => {
      signal?.removeEventListener("abort", abort);
      act();
    };
    const fail = (error: AppError) => {
      settle(() => reject(error));
      client.destroy();
    };
    const abort = () => fail(new AppError("job.cancelled", "The connection was cancelled."));
    // Stays for good: errors after the end of a connection would otherwise end the process.
    client.on("error", (error) => fail(how.explain(error)));
    client.on("close", () => fail(how.explain(new Error("The server closed the connection."))));
    client.once("ready", () => settle(resolve));
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      client.connect({
        host: server.host,
        port: server.port,
        username: server.user,
        authHandler: how.authHandler,
        hostVerifier: (key: Buffer) => how.judge(key),
        algorithms: { serverHostKey: [...new Set(order)], cipher: [...ciphers] },
        readyTimeout: access.timeoutMs,
        ...keepalive,
      });
      // A dump begins with hundreds of small questions; each would wait 40 ms for the next packet.
      client.setNoDelay(true);
    } catch (error) {
      fail(how.explain(error));
    }
  });
}

function watch(client: Client, server: SshServer): SshConnection {
  let loss: AppError | null = null;
  let isClosed = false;
  const listeners: ((loss: AppError) => void)[] = [];
  const lose = (cause: unknown) => {
    if (isClosed || loss !== null) return;
    loss = new AppError("ssh.lost", `The SSH connection to ${formatHost(server)} was lost.`, {
      detail: cause instanceof Error ? cause.message : undefined,
      cause,
    });
    for (const listener of listeners) listener(loss);
  };
  client.on("error", lose);
  client.on("close", () => lose(new Error("The server closed the connection.")));
  return {
    get loss() {
      return loss;
    },
    onLoss: (listener) => listeners.push(listener),
    openChannel: (address) =>
      new Promise((resolve, reject) => {
        const settle = (error: unknown, channel: Duplex) => {
          if (error) reject(loss ?? channelError(error, address, server));
          else resolve(channel);
        };
        try {
          if (isSocket(address.host)) {
            client.openssh_forwardOutStreamLocal(`${address.host}/.s.PGSQL.${address.port}`, settle);
          } else client.forwardOut("127.0.0.1", 0, address.host, address.port, settle);
        } catch (error) {
          reject(loss ?? channelError(error, address, server));
        }
      }),
    openSftp: () =>
      new Promise((resolve, reject) => {
        const refuse = (error: unknown) => reject(loss ?? noSftp(error, server));
        try {
          client.sftp((error, calls) => {
            if (error) return refuse(error);
            // A packet that is none; the calls under way are told, and the connection ends.
            calls.on("error", lose);
            resolve(calls);
          });
        } catch (error) {
          refuse(error);
        }
      }),
    close() {
      isClosed = true;
      client.end();
      // A server that is gone does not answer the goodbye, and its socket would keep the process.
      setTimeout(() => client.destroy(), 1000).unref();
    },
  };
}

/** What is tried to log in, in order. @throws AppError `ssh.secretMissing`, `ssh.configuration` */
async function planAuthentication(server: SshServer, access: SshAccess): Promise<AnyAuthMethod[]> {
  const username = server.user;
  if (server.authentication === "password") {
    const password = await access.secret(`Password of ${username} for SSH to ${formatHost(server)}:`);
    if (password === null) {
      throw new AppError("ssh.secretMissing", `There is no password of ${username} for SSH to ${formatHost(server)}.`);
    }
    return [
      { type: "password", username, password: password.reveal() },
      // Servers with PAM often ask for the password as a question of theirs.
      {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _text, _language, prompts, answer) => answer(prompts.map(() => password.reveal())),
      },
    ];
  }
  const methods: AnyAuthMethod[] = [];
  const agent = agentSocket();
  if (server.authentication === "agent" && agent !== null) methods.push({ type: "agent", username, agent });
  for (const file of server.keyFiles) {
    const isNeeded = server.authentication === "key" && (server.isKeyChosen || server.keyFiles.length === 1);
    const key = await readPrivateKey(file, isNeeded, server.authentication === "key", access);
    if (key !== null) methods.push({ type: "publickey", username, ...key });
  }
  if (methods.length === 0) {
    throw new AppError("ssh.configuration", `There is no key to log in to ${formatHost(server)} with.`, {
      detail:
        server.authentication === "agent"
          ? "No SSH agent is running (SSH_AUTH_SOCK), and none of the key files is there."
          : server.keyFiles.join("\n"),
      hint: "Name a key file, or start the SSH agent and add your key with ssh-add.",
    });
  }
  return methods;
}

/** A key that is ready to sign; null for one that is not there, not a key, or locked and not worth a question. */
async function readPrivateKey(
  file: string,
  isNeeded: boolean,
  mayAsk: boolean,
  access: SshAccess,
): Promise<{ key: Buffer; passphrase?: string } | null> {
  let key: Buffer;
  try {
    key = await readFile(file);
  } catch (error) {
    if (!isNeeded) return null;
    throw new AppError("ssh.configuration", `The key file ${file} cannot be read.`, {
      detail: error instanceof Error ? error.message : undefined,
      hint: "Check the path and who may read the file.",
      cause: error,
    });
  }
  const parsed = parsePrivateKey(key);
  if (parsed.state === "open") return { key };
  if (parsed.state === "unusable") {
    if (!isNeeded) return null;
    throw new AppError("ssh.configuration", `${file} is not a private key that Lifeboat can use.`, {
      detail: parsed.reason,
      hint: "Name a private key in OpenSSH's or PEM format; PuTTY's is exported with puttygen.",
    });
  }
  if (!mayAsk) return null;
  const passphrase = await access.secret(`Passphrase of the key ${file}:`);
  if (passphrase === null) {
    if (!isNeeded) return null;
    throw new AppError("ssh.secretMissing", `The key ${file} is locked, and its passphrase is not there.`);
  }
  if (parsePrivateKey(key, passphrase).state !== "open") {
    throw new AppError("ssh.authentication", `The passphrase of the key ${file} is not the right one.`, {
      hint: "Enter the passphrase again.",
    });
  }
  return { key, passphrase: passphrase.reveal() };
}

/** Where the agent listens; on Windows OpenSSH's own pipe. */
function agentSocket(): string | null {
  const said = process.env["SSH_AUTH_SOCK"];
  if (said) return said;
  return process.platform === "win32" ? "\\\\.\\pipe\\openssh-ssh-agent" : null;
}
