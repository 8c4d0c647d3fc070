import { createServer } from "node:net";

/** A loopback port that nobody uses, another one for each run: what was left over on a port answers wrongly. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no loopback port to be had");
  return address.port;
}
