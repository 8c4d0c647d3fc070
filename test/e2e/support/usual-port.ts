import { connect } from "node:net";

/** A free one of the ports that Lifeboat looks at (electron/discovery); null where all are taken. */
export async function freeUsualPort(): Promise<number | null> {
  for (let port = 5432; port <= 5439; port += 1) {
    // oxlint-disable-next-line no-await-in-loop -- the first free one is enough
    if (await isFree(port)) return port;
  }
  return null;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      settle(false);
    });
    socket.once("error", () => settle(true));
  });
}
