import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { Client, type QueryResultRow, types } from "pg";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionTarget, HostAddress } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";
import type { Secret } from "../secrets/secret.ts";
import { ChannelSocket } from "../ssh/channel-socket.ts";
import { type TunnelUse, useTunnel } from "../ssh/tunnels.ts";
import { connectionError, isServerError, readThrown, type ThrownError, tlsUnsupported } from "./connection-error.ts";
import { CopyIn, CopyOut } from "./copy-query.ts";
import { queryError } from "./query-error.ts";
import { connectServerSocket, containReader, createServerSocket, sendCancelRequest } from "./server-socket.ts";
import { planTls, type TlsAttempt } from "./tls-options.ts";
import { createTextParsers } from "./value-types.ts";

/** One connection to one database, for queries one after another. Whoever opened it closes it. */
export interface Session {
  /** As `server_version_num`: 150018 for 15.18. */
  readonly serverVersionNum: number;
  /** As `pg_backend_pid()` said at the start; behind a pooler it may change. */
  readonly backendPid: number;
  /** The one of the target's hosts that answered. */
  readonly address: HostAddress;
  /** True when the connection is encrypted. */
  readonly encrypted: boolean;
  /** True when the process that greeted us is not the one that answers: a pooler such as PgBouncer stands between. */
  readonly pooled: boolean;
  /**
   * Runs one statement and gives its rows; values as value-types.ts says. Without `values` it goes as plain text (the
   * simple protocol), which poolers and old servers all take.
   *
   * @throws AppError `postgres.queryFailed`, `postgres.permissionDenied`, `connection.lost`, `job.cancelled`
   */
  query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs `COPY … TO STDOUT` and gives its bytes in pieces of whole rows. Nothing else can run meanwhile. Where the
   * consumer stops before the end, the rest passes unread, ahead of the next query; closing the session ends it at once.
   *
   * @throws as query
   */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /**
   * Runs `COPY … FROM STDIN` with what `source` gives, and says how many rows the server took.
   *
   * @throws as query; what the source throws
   */
  copyIn(sql: string, source: AsyncIterable<Uint8Array>): Promise<number>;
  /** Ends the connection; also after an error, and twice without harm. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Instead of the target's own. */
  readonly database?: string;
  /** How the server lists the session; `lifeboat` where left out. */
  readonly applicationName?: string;
  /** Ends the attempt or the session, also in the middle of a query, which is cancelled at the server. */
  readonly signal?: AbortSignal;
}

/**
 * Connects as libpq would: host after host, each with its own time limit, encrypted as sslmode says, to a server that
 * fits target_session_attrs. A server that refuses the user ends the search; one that is away does not.
 *
 * @throws AppError `connection.*`, `postgres.permissionDenied` (no CONNECT privilege), `job.cancelled`
 */
export async function connect(
  target: ConnectionTarget,
  password: Secret | null,
  options: ConnectOptions = {},
): Promise<Session> {
  // prefer-standby asks for a standby first and then takes anything (manual 34.1.2).
  const passes: readonly ConnectionTarget["targetSessionAttrs"][] =
    target.targetSessionAttrs === "prefer-standby" ? ["standby", "any"] : [target.targetSessionAttrs];
  const tunnel = await useTunnel(target, options.signal);
  try {
    return await connectToAny(target, password, passes, options, tunnel);
  } catch (error) {
    await tunnel?.release();
    throw error;
  }
}

async function connectToAny(
  target: ConnectionTarget,
  password: Secret | null,
  passes: readonly ConnectionTarget["targetSessionAttrs"][],
  options: ConnectOptions,
  tunnel: TunnelUse | null,
): Promise<Session> {
  const failures: AppError[] = [];
  for (const wanted of passes) {
    for (const host of target.hosts) {
      try {
        // Hosts are tried in order: the next one only when this one did not serve.
        // oxlint-disable-next-line no-await-in-loop
        return await connectToHost(target, password, host, wanted, options, tunnel);
      } catch (error) {
        const cause = tunnel === null ? error : tunnel.explain(error);
        const failure = connectionError(cause, target, options.database ?? target.database, host);
        if (failure.code === "job.cancelled" || isFinal(failure)) throw failure;
        failures.push(failure);
      }
    }
  }
  const [first] = failures;
  if (first === undefined) throw new AppError("connection.invalid", "The connection names no host.");
  if (failures.length === 1) throw first;
  throw new AppError(first.code, `None of the ${target.hosts.length} hosts can be used.`, {
    detail: failures.map((failure) => failure.message).join("\n"),
    hint: first.hint,
    cause: first,
  });
}

/** Opens a session, hands it to `work`, and closes it whatever happens. */
export async function withSession<T>(
  target: ConnectionTarget,
  password: Secret | null,
  options: ConnectOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect(target, password, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** libpq goes on to the next host unless the server itself refused; "not at the moment" (57P03) is worth going on. */
function isFinal(failure: AppError): boolean {
  const cause = readThrown(failure.cause);
  return failure.code === "connection.passwordMissing" || (isServerError(cause) && cause.code !== "57P03");
}

async function connectToHost(
  target: ConnectionTarget,
  password: Secret | null,
  host: HostAddress,
  wanted: ConnectionTarget["targetSessionAttrs"],
  options: ConnectOptions,
  tunnel: TunnelUse | null,
): Promise<Session> {
  const client = await openWithTls(target, password, host, options, tunnel);
  const session = new PgSession(client, host, options.signal, tunnel);
  try {
    await session.introduce();
    await session.requireAttributes(wanted);
    return session;
  } catch (error) {
    await session.leave();
    throw error;
  }
}

/** The ways of sslmode, one after the other; the second only when encryption or its lack was the reason. */
async function openWithTls(
  target: ConnectionTarget,
  password: Secret | null,
  host: HostAddress,
  options: ConnectOptions,
  tunnel: TunnelUse | null,
): Promise<OpenClient> {
  const [first, second] = await planTls(target, host.host);
  try {
    return await openClient(target, password, host, first ?? null, options, tunnel);
  } catch (error) {
    if (second === undefined || !mayHelpOtherwise(readThrown(error))) throw error;
    try {
      return await openClient(target, password, host, second, options, tunnel);
    } catch (secondError) {
      // When the server has no TLS at all, only the second try says something; else the first is the user's wish.
      throw readThrown(error).message === tlsUnsupported ? secondError : error;
    }
  }
}

function mayHelpOtherwise(error: ThrownError): boolean {
  // 28000 is pg_hba.conf's refusal, which may depend on encryption (hostssl, hostnossl).
  if (isServerError(error)) return error.code === "28000";
  return error.message === tlsUnsupported || /^(ERR_(SSL|TLS|OSSL)|EPROTO|CERT_|DEPTH_|SELF_|UNABLE_)/.test(error.code);
}

interface OpenClient {
  readonly client: Client;
  readonly encrypted: boolean;
}

async function openClient(
  target: ConnectionTarget,
  password: Secret | null,
  host: HostAddress,
  tls: TlsAttempt,
  options: ConnectOptions,
  tunnel: TunnelUse | null,
): Promise<OpenClient> {
  if (options.signal?.aborted) throw cancelled();
  const socket = tunnel === null ? createServerSocket(host) : new ChannelSocket(await tunnel.openChannel(host));
  const client = new Client({
    host: host.host,
    port: host.port,
    user: target.user,
    database: options.database ?? target.database,
    // Asked for only when the server wants one, and never looked up by the driver itself.
    password: () => {
      if (password !== null) return password.reveal();
      throw new AppError(
        "connection.passwordMissing",
        `${formatHost(host)} asks for the password of ${target.user}, and there is none.`,
      );
    },
    ssl: tls ?? false,
    sslnegotiation: "postgres",
    enableChannelBinding: tls !== null,
    application_name: options.applicationName ?? "lifeboat",
    connectionTimeoutMillis: target.connectTimeoutSeconds * 1000,
    keepAlive: true,
    stream: () => socket,
    types: { getTypeParser },
  });
  // The driver would take PGOPTIONS from the environment where we pass nothing; the target alone decides.
  const parameters: unknown = Reflect.get(client, "connectionParameters");
  if (typeof parameters === "object" && parameters !== null) {
    Reflect.set(parameters, "options", target.options ?? undefined);
  }
  containReader(socket);
  const connection: unknown = Reflect.get(client, "connection");
  if (connection instanceof EventEmitter) {
    // By then the encrypted stream has taken the socket's place.
    connection.once("sslconnect", () => containReader(Reflect.get(connection, "stream")));
  }
  const abort = () => socket.destroy(cancelled());
  options.signal?.addEventListener("abort", abort, { once: true });
  // An error that comes when nobody waits (server restart between queries) shows at the next query; without a
  // listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return { client, encrypted: tls !== null };
  } catch (error) {
    socket.destroy();
    throw options.signal?.aborted ? cancelled() : error;
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

class PgSession implements Session {
  readonly address: HostAddress;
  readonly encrypted: boolean;
  serverVersionNum = 0;
  backendPid = 0;
  pooled = false;
  readonly #client: Client;
  readonly #signal: AbortSignal | undefined;
  #isStandby = false;
  #isReadOnly = false;
  #closing: Promise<void> | null = null;
  #busy = false;
  readonly #tunnel: TunnelUse | null;

  constructor(
    { client, encrypted }: OpenClient,
    address: HostAddress,
    signal: AbortSignal | undefined,
    tunnel: TunnelUse | null,
  ) {
    this.#client = client;
    this.#signal = signal;
    this.#tunnel = tunnel;
    this.address = address;
    this.encrypted = encrypted;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Asks the server who it is, in one round trip. */
  async introduce(): Promise<void> {
    const [row] = await this.query<{ version: number; pid: number; standby: boolean; readonly: boolean }>(
      `select pg_catalog.current_setting('server_version_num')::int as version, pg_catalog.pg_backend_pid() as pid,
              pg_catalog.pg_is_in_recovery() as standby,
              pg_catalog.current_setting('transaction_read_only') = 'on' as readonly`,
    );
    if (row === undefined) throw new AppError("connection.failed", "The server does not answer like PostgreSQL.");
    this.serverVersionNum = row.version;
    this.backendPid = row.pid;
    this.pooled = Reflect.get(this.#client, "processID") !== row.pid;
    this.#isStandby = row.standby;
    this.#isReadOnly = row.readonly;
  }

  /** @throws AppError `connection.failed` when the server is not what target_session_attrs asks for */
  async requireAttributes(wanted: ConnectionTarget["targetSessionAttrs"]): Promise<void> {
    const fits = {
      any: true,
      "prefer-standby": true,
      "read-write": !this.#isReadOnly,
      "read-only": this.#isReadOnly,
      primary: !this.#isStandby,
      standby: this.#isStandby,
    }[wanted];
    if (!fits) {
      throw new AppError(
        "connection.failed",
        `${formatHost(this.address)} is ${this.#isStandby ? "a standby" : this.#isReadOnly ? "read-only" : "a primary that takes writes"}, and target_session_attrs asks for ${wanted}.`,
      );
    }
  }

  async query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]> {
    this.#begin();
    try {
      const result: { rows: Row[] } = await this.#client.query<Row & QueryResultRow>(
        sql,
        values === undefined ? undefined : [...values],
      );
      return result.rows;
    } catch (error) {
      throw this.#signal?.aborted ? cancelled() : this.#explain(error);
    } finally {
      this.#busy = false;
    }
  }

  async *copyOut(sql: string): AsyncGenerator<Uint8Array> {
    this.#begin();
    try {
      yield* this.#client.query(new CopyOut(sql)).read();
    } catch (error) {
      throw this.#signal?.aborted ? cancelled() : this.#explain(error);
    } finally {
      this.#busy = false;
    }
  }

  async copyIn(sql: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    this.#begin();
    try {
      return await this.#client.query(new CopyIn(sql, source)).ended();
    } catch (error) {
      throw this.#signal?.aborted ? cancelled() : this.#explain(error);
    } finally {
      this.#busy = false;
    }
  }

  /** @throws AppError where nothing can be asked any more */
  #begin(): void {
    if (this.#signal?.aborted) throw cancelled();
    if (this.#closing !== null) throw new AppError("connection.lost", "The session has been closed.");
    this.#busy = true;
  }

  async close(): Promise<void> {
    await this.leave();
    await this.#tunnel?.release();
  }

  /** Ends the session and leaves the tunnel, through which another host may be tried. */
  leave(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#closing ??= this.#client.end().catch(() => {
      // Gone already.
    });
    return this.#closing;
  }

  /** A session that ends with its tunnel says so; what the server itself refused stays that. */
  #explain(thrown: unknown): unknown {
    const error = queryError(thrown);
    return error.code === "connection.lost" && this.#tunnel !== null ? this.#tunnel.explain(error) : error;
  }

  /** Another connection to where the session goes. */
  readonly #openBeside = async (): Promise<Duplex> =>
    this.#tunnel === null
      ? connectServerSocket(this.address)
      : new ChannelSocket(await this.#tunnel.openChannel(this.address));

  /** The query is cancelled at the server first: a backend in a long query does not notice that its client is gone. */
  readonly #abort = (): void => {
    void (async () => {
      const processId: unknown = Reflect.get(this.#client, "processID");
      const secretKey: unknown = Reflect.get(this.#client, "secretKey");
      if (this.#busy && typeof processId === "number" && typeof secretKey === "number") {
        await sendCancelRequest(this.#openBeside, processId, secretKey);
      }
      await this.close();
    })();
  };
}

function cancelled(): AppError {
  return new AppError("job.cancelled", "The connection was cancelled.");
}

const textParsers = createTextParsers(parseTextArray());

/** The driver's parser of text[]; its type list has only scalar types, hence the detour through the call's type. */
function parseTextArray(): (text: string) => unknown {
  const textArrayOid = 1009;
  const find: (oid: number, format: "text") => (text: string) => unknown = types.getTypeParser;
  return find(textArrayOid, "text");
}

function getTypeParser(oid: number, format?: string): (value: string) => unknown {
  if (format === "binary") throw new Error("Binary results are never asked for.");
  return textParsers.get(oid) ?? ((text) => text);
}
