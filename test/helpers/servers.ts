import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type QueryResult } from "pg";
import { createLauncher, findServerUser } from "../../electron/postgres/sample/server-user.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { freePort } from "./free-port.ts";
import { availableMajors, serverBinaries, serversRemedy } from "./server-binaries.ts";

export { clientFolder, clientsRemedy, clientTool } from "./clients.ts";
export { requirement } from "./requirement.ts";
export { availableMajors, serversRemedy };

/** A row with every value as PostgreSQL's own text. */
export type TextRow = Record<string, string | null>;

export interface ServerOptions {
  /** A port of one's choosing, for what looks at the usual ones; left out: any free one. */
  readonly port?: number;
  /** Lines of postgresql.conf beyond those for speed; values are quoted here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf that come before the general ones. */
  readonly hba?: readonly string[];
  /** The superuser's password; TCP and socket then ask for it (scram). Without: trust. */
  readonly password?: string;
  /** Serve TLS with a certificate for `localhost` and 127.0.0.1, signed by the authority in `caFile`. */
  readonly tls?: boolean;
  /** Arguments for initdb, for example `--locale=…`. Without a locale among them it is C, in UTF-8. */
  readonly initdb?: readonly string[];
}

/** A running PostgreSQL of a test's own, on a loopback port and a socket. */
export interface TestServer {
  readonly major: number;
  readonly host: string;
  readonly port: number;
  readonly user: "postgres";
  readonly password: string | null;
  /** The other way in; the file in it is .s.PGSQL.<port>. */
  readonly socketFolder: string;
  readonly dataFolder: string;
  readonly logFile: string;
  /** PEM of the authority that signed the server's certificate, where it serves TLS. */
  readonly caFile: string | null;
  target(database?: string): ConnectionTarget;
  /** URL for psql and `--url`; holds the password where there is one. */
  url(database?: string): string;
  /** Runs one or more statements in one round trip (so in one transaction) and gives the last one's rows. */
  run(sql: string, database?: string): Promise<TextRow[]>;
  /** One line of `psql -At`: the first column of the first row. */
  value(sql: string, database?: string): Promise<string | null>;
  /** Stops the postmaster and keeps its data: `immediate` is a crash. */
  halt(mode?: "smart" | "fast" | "immediate"): void;
  /** Starts it again after halt(). */
  resume(): void;
  /** Ends it and removes everything. */
  stop(): Promise<void>;
}

/**
 * Makes and starts a fresh cluster in half a second or so, with fsync off. It ends when stop() is called, and also when
 * this process ends in whatever way: a guard process outside waits for that.
 *
 * @throws Error when that major version is not installed (see availableMajors) or the server does not start
 */
export async function startServer(major: number, options: ServerOptions = {}): Promise<TestServer> {
  const programs = serverBinaries().get(major);
  if (programs === undefined) throw new Error(`There is no PostgreSQL ${major} server here: ${serversRemedy}`);
  const folder = mkdtempSync(join(tmpdir(), `lifeboat-pg${major}-`));
  chmodSync(folder, 0o755);
  const dataFolder = join(folder, "data");
  const user = findServerUser(dataFolder);
  const owned = (path: string): string => {
    if (user !== null) chownSync(path, user.uid, user.gid);
    return path;
  };
  const socketFolder = join(folder, "s");
  mkdirSync(socketFolder);
  owned(socketFolder);
  owned(folder);
  const logFile = join(folder, "log");
  const launcher = createLauncher(user, [folder, join(programs, "postgres")]);
  const call = (program: string, args: readonly string[]): string => {
    const command = launcher.command(join(programs, program), args);
    return execFileSync(command.program, command.args, {
      ...command.identity,
      cwd: "/",
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  };

  const guard = startGuard(folder, join(dataFolder, "postmaster.pid"));
  try {
    const password = options.password ?? null;
    const passwordFile = join(folder, "password");
    if (password !== null) owned(write(passwordFile, `${password}\n`));
    call("initdb", [
      `--pgdata=${dataFolder}`,
      "--username=postgres",
      "--encoding=UTF8",
      ...(options.initdb?.some((argument) => argument.startsWith("--locale")) ? [] : ["--locale=C"]),
      "--no-sync",
      ...(password === null ? ["--auth=trust"] : ["--auth=scram-sha-256", `--pwfile=${passwordFile}`]),
      ...(options.initdb ?? []),
    ]);
    const port = options.port ?? (await freePort());
    const caFile = options.tls ? makeCertificates(folder, dataFolder, owned) : null;
    const settings: Record<string, string> = {
      fsync: "off",
      full_page_writes: "off",
      max_wal_size: "4GB",
      checkpoint_timeout: "1h",
      shared_buffers: "64MB",
      max_locks_per_transaction: "256",
      autovacuum: "off",
      timezone: "UTC",
      log_timezone: "UTC",
      lc_messages: "C",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: socketFolder,
      port: String(port),
      ...(options.tls ? { ssl: "on" } : {}),
      ...options.settings,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
    owned(write(join(dataFolder, "postgresql.auto.conf"), `${lines.join("\n")}\n`));
    if (options.hba) {
      const hba = join(dataFolder, "pg_hba.conf");
      owned(write(hba, `${options.hba.join("\n")}\n${readFileSync(hba, "utf8")}`));
    }
    const server = describeServer(
      { major, port, password, socketFolder, dataFolder, logFile, caFile },
      call,
      async () => {
        guard.ref();
        guard.stdin?.end();
        await new Promise<void>((resolve) => {
          if (guard.exitCode === null && guard.signalCode === null) guard.once("exit", () => resolve());
          else resolve();
        });
      },
    );
    server.resume();
    return server;
  } catch (error) {
    guard.stdin?.end();
    throw error;
  }
}

function describeServer(
  facts: Pick<TestServer, "major" | "port" | "password" | "socketFolder" | "dataFolder" | "logFile" | "caFile">,
  call: (program: string, args: readonly string[]) => string,
  stop: () => Promise<void>,
): TestServer {
  const { port, password, dataFolder, logFile } = facts;
  const host = "127.0.0.1";
  const run = async (sql: string, database = "postgres"): Promise<TextRow[]> => {
    const client = new Client({
      host,
      port,
      user: "postgres",
      database,
      ...(password === null ? {} : { password }),
      types: { getTypeParser: () => (text: string | Buffer) => text.toString() },
    });
    await client.connect();
    try {
      const answer: QueryResult<TextRow> | QueryResult<TextRow>[] = await client.query<TextRow>(sql);
      const last = Array.isArray(answer) ? (answer as QueryResult<TextRow>[]).at(-1) : answer;
      return last?.rows ?? [];
    } finally {
      await client.end();
    }
  };
  return {
    ...facts,
    host,
    user: "postgres",
    target: (database = "postgres") => ({
      hosts: [{ host, port }],
      database,
      user: "postgres",
      sslMode: "prefer",
      sslRootCert: null,
      sslCert: null,
      sslKey: null,
      connectTimeoutSeconds: 10,
      options: null,
      targetSessionAttrs: "any",
      environment: "development",
      profile: null,
    }),
    url(database = "postgres") {
      const credentials = password === null ? "postgres" : `postgres:${encodeURIComponent(password)}`;
      return `postgresql://${credentials}@${host}:${port}/${encodeURIComponent(database)}`;
    },
    run,
    async value(sql, database) {
      const [row] = await run(sql, database);
      return (row === undefined ? undefined : Object.values(row)[0]) ?? null;
    },
    halt(mode = "fast") {
      call("pg_ctl", ["stop", "--wait", `--mode=${mode}`, `--pgdata=${dataFolder}`]);
    },
    resume() {
      try {
        call("pg_ctl", ["start", "--wait", "--silent", `--log=${logFile}`, `--pgdata=${dataFolder}`]);
      } catch (error) {
        throw new Error(`PostgreSQL ${facts.major} did not start:\n${readFileSync(logFile, "utf8")}`, { cause: error });
      }
    },
    stop,
  };
}

/**
 * A shell that reads from us until its input ends, which the system sees to however we end, then stops the server at
 * once and removes its folder. It waits for the pid file to go, since where nobody reaps orphans a dead postmaster still
 * answers to kill -0. In a group of its own, so that Ctrl-C does not end it before us.
 */
function startGuard(folder: string, pidFile: string) {
  const script = `
    cat >/dev/null
    pid=$(head -n 1 "$2" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      [ -e "$2" ] || break
      sleep 0.1
    done
    rm -rf "$1"`;
  const guard = spawn("/bin/sh", ["-c", script, "sh", folder, pidFile], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

function write(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** An authority and a server certificate by the openssl program; gives the authority's file. */
function makeCertificates(folder: string, dataFolder: string, owned: (path: string) => string): string {
  const caFile = join(folder, "ca.crt");
  const caKey = join(folder, "ca.key");
  const key = join(dataFolder, "server.key");
  const certificate = join(dataFolder, "server.crt");
  const request = join(folder, "server.csr");
  const names = write(join(folder, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const newKey = ["-newkey", "rsa:2048", "-nodes", "-sha256"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "30",
    "-subj",
    "/CN=Lifeboat test authority",
    "-keyout",
    caKey,
    "-out",
    caFile,
  );
  openssl("req", ...newKey, "-subj", "/CN=localhost", "-keyout", key, "-out", request);
  const signer = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-days", "30", "-extfile", names];
  openssl("x509", "-req", "-sha256", ...signer, "-in", request, "-out", certificate);
  chmodSync(key, 0o600);
  owned(key);
  owned(certificate);
  return caFile;
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
}
