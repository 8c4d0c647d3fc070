import { createServer, type Socket } from "node:net";
import type { HostAddress } from "../../shared/profile/profile.ts";
import { isOwnPeer } from "./own-peer.ts";
import type { SshConnection } from "./ssh-connection.ts";

/** A port on 127.0.0.1 that leads through an SSH connection to one address. */
export interface Forward {
  readonly port: number;
  /** Why the address could not be reached the last time; null while all went well. */
  readonly failure: unknown;
  /** Closes the port and what is connected to it. */
  close(): Promise<void>;
}

/** Listens for child processes; connections of other users are turned away where the system says whose they are. */
export async function openForward(connection: SshConnection, address: HostAddress): Promise<Forward> {
  const sockets = new Set<Socket>();
  let failure: unknown = null;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    void lead(socket).catch((error: unknown) => {
      failure = error;
      socket.resetAndDestroy();
    });
  });

  async function lead(socket: Socket): Promise<void> {
    if (!(await isOwnPeer(socket))) {
      socket.resetAndDestroy();
      return;
    }
    const channel = await connection.openChannel(address);
    channel.on("error", () => socket.destroy());
    channel.on("close", () => socket.destroySoon());
    socket.on("close", () => channel.destroy());
    socket.pipe(channel).pipe(socket);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.resetAndDestroy();
    });
  connection.onLoss(() => void close());
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    get failure() {
      return failure;
    },
    close,
  };
}
