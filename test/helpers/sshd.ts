import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "./free-port.ts";

/** How someone gets it, for requirement(). */
export const sshdRemedy = "apt-get install openssh-server openssh-client";

const program = "/usr/sbin/sshd";

/** True where OpenSSH's server and ssh-keygen are installed. */
export function hasSshd(): boolean {
  return existsSync(program) && spawnSync("ssh-keygen", ["-?"]).error === undefined;
}

/**
 * True where a login by password can be had: as root, which may give sshd a view of /etc/shadow of its own (a mount in a
 * namespace, gone with sshd; the machine's own file stays as it is).
 */
export function canLoginByPassword(): boolean {
  const tryout = "mount --bind /etc/shadow /etc/shadow";
  return process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "sh", "-c", tryout]).status === 0;
}

export type HostKeyType = "ed25519" | "ecdsa" | "rsa";

export interface SshdOptions {
  /** Lets the user in with this password too; see canLoginByPassword. */
  readonly password?: string;
  /** The keys the server shows; `ed25519` alone where left out. */
  readonly hostKeys?: readonly HostKeyType[];
  /** Lines of sshd_config that come first, and so win: `AllowTcpForwarding no`. */
  readonly config?: readonly string[];
}

/** A running OpenSSH server of a test's own on a loopback port: tunnels to anywhere, SFTP over the user's files. */
export interface TestSshd {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** The user that runs the test; the only one that can log in. */
  readonly user: string;
  readonly password: string | null;
  /** Everything of this server is in here, with room for a test's own files. */
  readonly folder: string;
  /** Private key (ed25519) that is let in, without a passphrase. */
  readonly keyFile: string;
  /** The same for a key under the passphrase in `passphrase`. */
  readonly lockedKeyFile: string;
  readonly passphrase: string;
  /** A good key that is not let in. */
  readonly strangerKeyFile: string;
  readonly logFile: string;
  /** `SHA256:…` of the host key, as ssh prints it. */
  fingerprint(type?: HostKeyType): string;
  /** Lines for a known_hosts file, one for each host key: `[127.0.0.1]:2222 ssh-ed25519 AAAA…`. */
  knownHosts(): string;
  /** How many clients are connected. */
  connections(): number;
  /** Other host keys, shown from the next connection on. */
  changeHostKeys(): Promise<void>;
  /** Kills the server and every connection through it, at once. */
  halt(): void;
  /** Starts it again after halt(), on the same port. */
  resume(): Promise<void>;
  /** Ends it and removes everything. */
  stop(): Promise<void>;
}

/**
 * Starts sshd in some tenths of a second. It ends with stop(), and also when this process ends in whatever way.
 *
 * @throws Error when the server does not start
 */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-sshd-"));
  const port = await freePort();
  const hostKeys = options.hostKeys ?? ["ed25519"];
  const hostKeyFile = (type: HostKeyType) => join(folder, `host_${type}`);
  const logFile = join(folder, "log");
  const configFile = join(folder, "sshd_config");
  const passphrase = "open sesame";
  const keyFile = join(folder, "key");
  const lockedKeyFile = join(folder, "locked_key");
  const strangerKeyFile = join(folder, "stranger_key");
  makeKey(keyFile, "ed25519");
  makeKey(lockedKeyFile, "ed25519", passphrase);
  makeKey(strangerKeyFile, "ed25519");
  for (const type of hostKeys) makeKey(hostKeyFile(type), type);
  writeFileSync(
    join(folder, "authorized_keys"),
    [keyFile, lockedKeyFile].map((key) => readFileSync(`${key}.pub`, "utf8")).join(""),
  );
  writeFileSync(
    configFile,
    [
      ...(options.config ?? []),
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      ...hostKeys.map((type) => `HostKey ${hostKeyFile(type)}`),
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      `PasswordAuthentication ${options.password === undefined ? "no" : "yes"}`,
      "KbdInteractiveAuthentication no",
      "PermitRootLogin yes",
      "UsePAM no",
      "StrictModes no",
      "UseDNS no",
      "PidFile none",
      "MaxStartups 100",
      "LogLevel VERBOSE",
      "Subsystem sftp internal-sftp",
      "",
    ].join("\n"),
    { mode: 0o600 },
  );
  const { username } = userInfo();
  const shadow = join(folder, "shadow");
  if (options.password !== undefined) writeShadow(shadow, username, options.password);
  // The folder that sshd locks its unprivileged half into; packages leave it to the boot.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });

  let guard: ReturnType<typeof startGuard> | null = null;
  const resume = async () => {
    guard = startGuard(configFile, logFile, options.password === undefined ? null : shadow);
    await waitFor(port, logFile);
  };
  const halt = () => {
    if (guard?.pid !== undefined) killTree(guard.pid);
    guard = null;
  };
  const server: TestSshd = {
    host: "127.0.0.1",
    port,
    user: username,
    password: options.password ?? null,
    folder,
    keyFile,
    lockedKeyFile,
    passphrase,
    strangerKeyFile,
    logFile,
    fingerprint: (type = hostKeys[0] ?? "ed25519") =>
      keygen("-l", "-E", "sha256", "-f", `${hostKeyFile(type)}.pub`).split(" ")[1] ?? "",
    knownHosts: () =>
      hostKeys.map((type) => `[127.0.0.1]:${port} ${readFileSync(`${hostKeyFile(type)}.pub`, "utf8")}`).join(""),
    connections: () => {
      // proc_net_tcp(5): local address, remote address, state; 01 is ESTABLISHED.
      const here = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
      const lines = readFileSync("/proc/net/tcp", "latin1").split("\n");
      return lines.map((line) => line.trim().split(/\s+/)).filter((words) => words[1] === here && words[3] === "01")
        .length;
    },
    async changeHostKeys() {
      for (const type of hostKeys) {
        rmSync(hostKeyFile(type));
        makeKey(hostKeyFile(type), type);
      }
      halt();
      await resume();
    },
    halt,
    resume,
    async stop() {
      halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await resume();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * A shell that runs sshd and reads from us until its input ends, which the system sees to however we end; then it ends
 * sshd and removes its folder. What is connected ends by itself with us.
 */
function startGuard(configFile: string, logFile: string, shadow: string | null) {
  const script = `
    [ -z "$4" ] || mount --bind "$4" /etc/shadow || exit 1
    "$1" -D -E "$3" -f "$2" </dev/null &
    cat >/dev/null
    kill $!
    rm -rf "$5"`;
  const words = ["/bin/sh", "-c", script, "sh", program, configFile, logFile, shadow ?? "", dirname(configFile)];
  const [command = "", ...args] = shadow === null ? words : ["unshare", "--mount", ...words];
  const guard = spawn(command, args, { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

/** Kills a process and all below it. sshd's sessions are groups of their own, so only their descent tells them. */
function killTree(pid: number): void {
  const children = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" }).stdout.split("\n");
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
  for (const child of children) if (Number(child) > 0) killTree(Number(child));
}

/** The machine's /etc/shadow with a password for one user. */
function writeShadow(path: string, user: string, password: string): void {
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password, encoding: "utf8" }).trim();
  const lines = readFileSync("/etc/shadow", "utf8").split("\n");
  const changed = lines.map((line) => (line.startsWith(`${user}:`) ? `${user}:${hash}:20000:0:99999:7:::` : line));
  writeFileSync(path, changed.join("\n"), { mode: 0o600 });
}

function makeKey(path: string, type: HostKeyType, passphrase = ""): void {
  keygen("-q", "-t", type, "-N", passphrase, "-C", "lifeboat-test", "-f", path);
}

function keygen(...args: string[]): string {
  return execFileSync("ssh-keygen", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function waitFor(port: number, logFile: string): Promise<void> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`sshd did not start:\n${existsSync(logFile) ? readFileSync(logFile, "utf8") : "no log"}`);
}
