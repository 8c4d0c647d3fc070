import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * Whether the other end of a loopback connection belongs to a process of this user, by /proc/net/tcp (proc_net_tcp(5)):
 * the line whose local address is the peer's. True where the system has no such file (macOS, Windows): there nothing is
 * known. A line, Linux 6.1, of 127.0.0.1:43210 connected to 127.0.0.1:40001 by user 1000:
 * `  12: 0100007F:A8CA 0100007F:9C41 01 00000000:00000000 00:00000000 00000000  1000        0 98765 1 …`
 */
export async function isOwnPeer(socket: Socket): Promise<boolean> {
  const uid = process.getuid?.();
  const table = await readFile("/proc/net/tcp", "latin1").catch(() => null);
  if (table === null || uid === undefined) return true;
  const local = `${loopback}:${hexPort(socket.remotePort)}`;
  const remote = `${loopback}:${hexPort(socket.localPort)}`;
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[2] === remote) return Number(fields[7]) === uid;
  }
  return false;
}

/** 127.0.0.1 as the kernel prints it: the four bytes as a number of this machine, all of whose ports are little-endian. */
const loopback = "0100007F";

function hexPort(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
