import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { doorMessageSchema, socketRefused } from "../../shared/contract/envelope.ts";
import type { Access } from "./access.ts";
import { type ClientLink, linkClient } from "./client-link.ts";
import type { ServedApp } from "./served-app.ts";

/** Takes WebSockets in, once Host and Origin were found right. */
export interface SocketDoor {
  readonly windows: number;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

const mostWindows = 16;
const mostMessageBytes = 8_000_000;
const tokenWithinMs = 5000;
const pingEveryMs = 30_000;
/** A window that lets this much pile up does not read any more. */
const mostWaitingBytes = 256_000_000;
const policyViolation = 1008;
const goingAway = 1001;
const tryLater = 1013;

/** The first message must hold a token; after it, the app is served. */
export function createSocketDoor(app: ServedApp, access: Access): SocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: mostMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const open = new Set<WebSocket>();

  function serve(socket: WebSocket): void {
    if (open.size >= mostWindows) return socket.close(tryLater, "too many windows");
    open.add(socket);
    let link: ClientLink | null = null;
    let answered = true;

    const late = setTimeout(() => socket.close(socketRefused, "no token"), tokenWithinMs);
    const ping = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    }, pingEveryMs);

    function send(message: unknown): void {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > mostWaitingBytes) return socket.terminate();
      socket.send(JSON.stringify(message), () => link?.drained());
    }

    socket.on("pong", () => {
      answered = true;
    });
    socket.on("message", (data, isBinary) => {
      const message = isBinary ? undefined : parse(data);
      if (link !== null) {
        if (!link.receive(message)) socket.close(policyViolation, "not a message");
        return;
      }
      clearTimeout(late);
      const parsed = doorMessageSchema.safeParse(message);
      if (!parsed.success || !access.isToken(parsed.data.token)) return socket.close(socketRefused, "token refused");
      send({ kind: "ready" });
      link = linkClient(app, { send, waitingBytes: () => socket.bufferedAmount });
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      clearTimeout(late);
      clearInterval(ping);
      open.delete(socket);
      link?.close();
    });
  }

  return {
    get windows() {
      return open.size;
    },
    take(request, socket, head) {
      server.handleUpgrade(request, socket, head, serve);
    },
    close() {
      for (const socket of open) {
        socket.close(goingAway, "Lifeboat has ended");
        // A window that is gone without a word would keep this process waiting.
        setTimeout(() => socket.terminate(), 500).unref();
      }
      server.close();
    },
  };
}

function parse(data: RawData): unknown {
  try {
    // With ws's own setting (binaryType "nodebuffer") a message is one Buffer.
    return Buffer.isBuffer(data) ? JSON.parse(data.toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
}
