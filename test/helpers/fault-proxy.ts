import { connect, createServer, type Socket } from "node:net";

/** What a fault proxy does to what passes; change it at any time. */
export interface Faults {
  /** Connections are cut once this many bytes in all have gone to the server (from the client), once. */
  cutAfterSent: number | null;
  /** The same for bytes from the server. */
  cutAfterReceived: number | null;
  /** Whether cutAfter… goes on for every later connection too; else the connections after the cut are good. */
  staysCut: boolean;
  /** Nothing more comes from the server after this many bytes, on the connections then open. */
  stallAfterReceived: number | null;
  /** Each piece from the server comes this much later. */
  delayMs: number;
  /** The byte at this place of what goes to the server is changed, once. */
  corruptSentAt: number | null;
}

/** A TCP proxy on loopback in front of a test's server: it counts, and does harm where it is told to. */
export interface FaultProxy {
  readonly port: number;
  /** Bytes from the client, and from the server, since the start or the last reset. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly connections: number;
  faults: Partial<Faults>;
  /** Counts from nothing again, with these faults alone. */
  reset(faults?: Partial<Faults>): void;
  close(): Promise<void>;
}

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let sent = 0;
  let received = 0;
  let connections = 0;
  let faults: Partial<Faults> = {};
  const open = new Set<Socket>();

  const cutAll = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };

  const server = createServer((client) => {
    connections += 1;
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        (socket === client ? target : client).destroy();
      });
    }
    client.on("data", (piece) => {
      const bytes = Buffer.from(piece);
      const at = faults.corruptSentAt;
      if (at !== null && at !== undefined && at >= sent && at < sent + bytes.length) {
        bytes[at - sent]! ^= 1;
        faults.corruptSentAt = null;
      }
      sent += bytes.length;
      if (faults.cutAfterSent !== null && faults.cutAfterSent !== undefined && sent > faults.cutAfterSent) {
        if (!faults.staysCut) faults.cutAfterSent = null;
        cutAll();
      } else if (!target.write(bytes)) {
        client.pause();
        target.once("drain", () => client.resume());
      }
    });
    target.on("data", (piece) => {
      received += piece.length;
      if (
        faults.cutAfterReceived !== null &&
        faults.cutAfterReceived !== undefined &&
        received > faults.cutAfterReceived
      ) {
        if (!faults.staysCut) faults.cutAfterReceived = null;
        cutAll();
      } else if (
        faults.stallAfterReceived !== null &&
        faults.stallAfterReceived !== undefined &&
        received > faults.stallAfterReceived
      ) {
        faults.stallAfterReceived = null;
        target.pause();
      } else if (faults.delayMs) setTimeout(() => client.write(piece), faults.delayMs);
      else if (!client.write(piece)) {
        target.pause();
        client.once("drain", () => target.resume());
      }
    });
    client.on("end", () => target.end());
    target.on("end", () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no loopback port to be had");

  return {
    port: address.port,
    get sentBytes() {
      return sent;
    },
    get receivedBytes() {
      return received;
    },
    get connections() {
      return connections;
    },
    get faults() {
      return faults;
    },
    set faults(value) {
      faults = value;
    },
    reset(next = {}) {
      sent = 0;
      received = 0;
      connections = 0;
      faults = next;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
