import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { z } from "zod";
import { sessionPath, socketPath } from "../../shared/contract/envelope.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { createAccess } from "./access.ts";
import { peerUser } from "./peer-user.ts";
import { securityHeaders } from "./response-headers.ts";
import type { ServedApp } from "./served-app.ts";
import { createSocketDoor, type SocketDoor } from "./socket-door.ts";
import { findStaticFile } from "./static-files.ts";

export interface HttpHostOptions {
  readonly app: ServedApp;
  /** The window's bundle: the folder with index.html. */
  readonly rendererFolder: string;
  /** 0 or left out: any free one. */
  readonly port?: number;
}

/** A running browser host. */
export interface HttpHost {
  readonly port: number;
  /** The address with a fresh one-time code, good for 60 s. */
  newAddress(): string;
  /** The same, but its code is good for programs of this user alone. Only Linux tells whose they are. */
  newAddressForThisUser(): string;
  /** Windows that are open now. */
  readonly windows: number;
  close(): Promise<void>;
}

const mostConnections = 64;
const mostBodyBytes = 2000;
const codeSchema = z.strictObject({ code: z.string().max(200) });

/**
 * Serves the app on 127.0.0.1 to this user's browser. Who may come in: requests whose Host is exactly ours (a name that was
 * made to point here is not), windows of our own origin, and of those only such that hold a token (facts: DNS rebinding,
 * cross-site WebSockets and other users of the machine are what this keeps out). No cookies, no CORS.
 * @throws storage.failed where the port cannot be had
 */
export async function startHttpHost(options: HttpHostOptions): Promise<HttpHost> {
  const access = createAccess();
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 20_000,
    keepAliveTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 16_384,
  });
  server.maxConnections = mostConnections;
  await listen(server, options.port ?? 0);
  const port = portOf(server);
  const hosts = new Set(["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`));
  const address = (code: string) => `http://127.0.0.1:${port}/#code=${code}`;
  const isOurs = (request: IncomingMessage) => hosts.has(single(request, "host") ?? "");
  const door: SocketDoor = createSocketDoor(options.app, access);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.setHeader("Cache-Control", "no-store");
    if (!isOurs(request)) return refuse(response, 403, "This address is not the one Lifeboat serves.");
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (request.method === "POST" && path === sessionPath) return exchangeCode(request, response);
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(response.setHeader("Allow", "GET, HEAD"), 405, "Only pages are served here.");
    await serveFile(path, request, response);
  }

  async function serveFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await findStaticFile(options.rendererFolder, path);
    if (file === null) return refuse(response, 404, "There is no such page.");
    response.setHeader("Content-Type", file.type);
    response.setHeader("Content-Length", file.sizeBytes);
    if (file.isImmutable) response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    if (request.method === "HEAD") response.end();
    else {
      // A browser that goes away in the middle is nobody's failure.
      file
        .open()
        .on("error", () => response.destroy())
        .pipe(response);
      await finished(response).catch(() => {});
    }
  }

  async function exchangeCode(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const site = request.headers["sec-fetch-site"];
    if (!isOurOrigin(request) || (site !== undefined && site !== "same-origin"))
      return refuse(response, 403, "Only Lifeboat's own page may ask for this.");
    if (!/^application\/json(?:;|$)/i.test(request.headers["content-type"] ?? ""))
      return refuse(response, 415, "JSON is wanted.");
    const code = readCode(await readBody(request));
    const token = code === null ? null : access.exchange(code, await isThisUser(request));
    if (token === null) return refuse(response, 401, "This address has been used already, or is too old.");
    sendJson(response, 200, { token });
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const refusal = !isOurs(request) || !isOurOrigin(request) ? 403 : request.url === socketPath ? null : 404;
    if (refusal === null) door.take(request, socket, head);
    else socket.end(`HTTP/1.1 ${refusal} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  server.on("request", (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on("upgrade", upgrade);
  server.on("clientError", refuseConnection);

  return {
    port,
    newAddress: () => address(access.newCode("anybody")),
    newAddressForThisUser: () => address(access.newCode("thisUser")),
    get windows() {
      return door.windows;
    },
    async close() {
      door.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The end of a connection on which no whole request came in time, or what is no HTTP. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  // A browser connects ahead of time, and takes what was sent on an idle connection for the answer to its next request.
  const isIdle = socket instanceof Socket && socket.bytesRead === 0;
  if (isIdle || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The page and the host it talks to are one: a page of localhost:PORT may not talk to 127.0.0.1:PORT. */
function isOurOrigin(request: IncomingMessage): boolean {
  return single(request, "origin") === `http://${single(request, "host") ?? ""}`;
}

async function isThisUser(request: IncomingMessage): Promise<boolean> {
  const user = await peerUser(request.socket);
  return user !== null && user === process.getuid?.();
}

/** A header that came once. Of two Hosts, Node takes the first and something before it may have looked at the second. */
function single(request: IncomingMessage, name: string): string | null {
  const values = request.headersDistinct[name] ?? [];
  return values.length === 1 ? (values[0] ?? null) : null;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new AppError("storage.failed", `The port ${port} cannot be used.`, {
          detail: error.message,
          hint: error.code === "EADDRINUSE" ? "Another program has it. Leave --port out to get a free one." : undefined,
          cause: error,
        }),
      ),
    );
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve());
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  return address.port;
}

/** The body as text; null where it is longer than any code of ours. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) return null;
    length += part.length;
    if (length > mostBodyBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function readCode(body: string | null): string | null {
  try {
    const parsed = codeSchema.safeParse(JSON.parse(body ?? ""));
    return parsed.success ? parsed.data.code : null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.setHeader("Connection", "close");
  sendJson(response, status, { error: new AppError("contract.refused", message).toValue() });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) })
    .end(text);
}
