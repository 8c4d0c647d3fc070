import { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { HostAddress } from "../../shared/profile/profile.ts";

/** A socket for a host, not yet connected; the driver connects it by port and name, or by the socket's path. */
export function createServerSocket(address: HostAddress): Socket {
  return address.host.startsWith("@") ? new AbstractSocket(socketPath(address)) : new Socket();
}

/** A socket in Linux's abstract namespace: the `@` of its name stands for a zero byte. */
class AbstractSocket extends Socket {
  readonly #path: string;

  constructor(name: string) {
    super();
    this.#path = `\0${name.slice(1)}`;
  }

  override connect(): this {
    return super.connect({ path: this.#path });
  }
}

function socketPath({ host, port }: HostAddress): string {
  return `${host}/.s.PGSQL.${port}`;
}

/**
 * CancelRequest (manual 55.2.8): a connection of its own, sixteen bytes, no answer. Unencrypted, as libpq 16 and older
 * do it; it holds nothing but the key of this one backend. Best effort, at most a second; never rejects.
 */
export async function sendCancelRequest(
  open: () => Promise<Duplex>,
  processId: number,
  secretKey: number,
): Promise<void> {
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80877102, 4);
  packet.writeInt32BE(processId, 8);
  packet.writeInt32BE(secretKey, 12);
  const late = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), 1000).unref();
  });
  const socket = await Promise.race([open().catch(() => null), late]);
  if (socket === null) return;
  const closed = new Promise<null>((resolve) => {
    socket.on("close", () => resolve(null));
  });
  socket.on("error", () => socket.destroy());
  socket.write(packet);
  // The server closes when it has taken the request, and only a reading socket notices. Closing first would not do:
  // PgBouncer then takes the request for given up.
  socket.resume();
  await Promise.race([closed, late]);
  socket.destroy();
}

/** A connected socket. Errors come with the first write. */
export async function connectServerSocket(address: HostAddress): Promise<Socket> {
  const socket = createServerSocket(address);
  if (address.host.startsWith("/")) socket.connect(socketPath(address));
  else socket.connect(address.port, address.host);
  return socket;
}

/**
 * Turns an exception in whoever reads a stream into an error of the stream. The driver's parser throws at messages it
 * does not know (a server that wants Kerberos, something that is no PostgreSQL), from inside an event, where it would
 * end the process.
 */
export function containReader(stream: unknown): void {
  if (!(stream instanceof Duplex)) return;
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== "data") return emit(event, ...values);
    try {
      return emit(event, ...values);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  };
}
