import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * The user id of whoever is at the other end of a loopback connection over IPv4, as Linux's table of TCP sockets has it
 * (Documentation/networking/proc_net_tcp.rst); null where there is no such table or the connection is not in it.
 */
export async function peerUser(socket: Socket): Promise<number | null> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (!remoteAddress || !remotePort || !localAddress || !localPort) return null;
  // The peer's own row: its local end is our remote one.
  const ends = [
    `${hexAddress(remoteAddress)}:${hexPort(remotePort)}`,
    `${hexAddress(localAddress)}:${hexPort(localPort)}`,
  ];
  const table = await readFile("/proc/net/tcp", "latin1").catch(() => "");
  for (const line of table.split("\n")) {
    // `  0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12345 …`
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local === ends[0] && remote === ends[1] && uid !== undefined) return Number(uid);
  }
  return null;
}

/** An address's bytes as the number they are in memory, so reversed on the little-endian machines there are. */
function hexAddress(address: string): string {
  return address
    .split(".")
    .toReversed()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, "0"))
    .join("");
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
