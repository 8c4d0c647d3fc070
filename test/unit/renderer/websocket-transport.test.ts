import { describe, expect, it } from "vitest";
import { retryDelayMs } from "../../../renderer/client/backoff.ts";
import type { ConnectionState } from "../../../renderer/client/transport.ts";
import { createWebSocketTransport, type SocketListeners } from "../../../renderer/client/websocket-transport.ts";
import { socketRefused } from "../../../shared/contract/envelope.ts";

/** A browser whose host is the test. */
function createBrowser(token: () => Promise<string | null>) {
  const sockets: { readonly listeners: SocketListeners; readonly sent: unknown[] }[] = [];
  const waits: number[] = [];
  let isForgotten = false;
  return {
    sockets,
    waits,
    isForgotten: () => isForgotten,
    surroundings: {
      openSocket(listeners: SocketListeners) {
        const socket = { listeners, sent: [] as unknown[] };
        sockets.push(socket);
        return { send: (text: string) => void socket.sent.push(JSON.parse(text)) };
      },
      getToken: token,
      forgetToken: () => {
        isForgotten = true;
      },
      wait(ms: number) {
        waits.push(ms);
        return Promise.resolve();
      },
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function follow(transport: { onState(listener: (state: ConnectionState) => void): () => void }): ConnectionState[] {
  const states: ConnectionState[] = [];
  transport.onState((state) => void states.push(state));
  return states;
}

describe("the way to the browser host", () => {
  it("is open once the host has taken the token, not before", async () => {
    const browser = createBrowser(() => Promise.resolve("t"));
    const transport = createWebSocketTransport(browser.surroundings);
    const states = follow(transport);
    await settle();
    const [socket] = browser.sockets;
    transport.send({ kind: "unsubscribe", id: 1 });
    socket?.listeners.opened();
    expect(socket?.sent).toEqual([{ kind: "token", token: "t" }]);
    expect(states).toEqual(["connecting"]);
    socket?.listeners.heard('{"kind":"ready"}');
    transport.send({ kind: "unsubscribe", id: 2 });
    expect(states).toEqual(["connecting", "open"]);
    expect(socket?.sent).toEqual([
      { kind: "token", token: "t" },
      { kind: "unsubscribe", id: 2 },
    ]);
  });

  it("comes back with the same token when it breaks, waiting longer each time until it was open", async () => {
    const browser = createBrowser(() => Promise.resolve("t"));
    const transport = createWebSocketTransport(browser.surroundings);
    const states = follow(transport);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      await settle();
      browser.sockets.at(-1)?.listeners.ended(1006);
    }
    await settle();
    expect(browser.waits).toEqual([200, 400, 800, 1600]);
    const socket = browser.sockets.at(-1);
    socket?.listeners.opened();
    socket?.listeners.heard('{"kind":"ready"}');
    socket?.listeners.ended(1006);
    await settle();
    expect(browser.waits.at(-1)).toBe(200);
    expect(states).toEqual(["connecting", "lost", "open", "lost"]);
  });

  it("is over when the host does not know the token", async () => {
    const browser = createBrowser(() => Promise.resolve("old"));
    const states = follow(createWebSocketTransport(browser.surroundings));
    await settle();
    browser.sockets[0]?.listeners.ended(socketRefused);
    await settle();
    expect(states).toEqual(["connecting", "closed"]);
    expect(browser.isForgotten()).toBe(true);
    expect(browser.sockets).toHaveLength(1);
  });

  it("is over when there is neither a token nor a code", async () => {
    const browser = createBrowser(() => Promise.resolve(null));
    const states = follow(createWebSocketTransport(browser.surroundings));
    await settle();
    expect(states).toEqual(["connecting", "closed"]);
    expect(browser.sockets).toEqual([]);
  });

  it("tries again when the host cannot be asked for a token", async () => {
    let tries = 0;
    const browser = createBrowser(() => {
      tries += 1;
      return tries === 1 ? Promise.reject(new TypeError("fetch failed")) : Promise.resolve("t");
    });
    createWebSocketTransport(browser.surroundings);
    await settle();
    expect(browser.sockets).toHaveLength(1);
  });
});

it("waits five seconds at most", () => {
  expect([0, 1, 4, 5, 100].map(retryDelayMs)).toEqual([200, 400, 3200, 5000, 5000]);
});
