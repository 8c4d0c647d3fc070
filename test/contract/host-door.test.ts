import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startHost, type TestHost } from "../helpers/host.ts";
import { connectClient, getToken } from "../helpers/host-client.ts";

const rendererFolder = mkdtempSync(join(tmpdir(), "lifeboat-window-"));
mkdirSync(join(rendererFolder, "assets"));
writeFileSync(join(rendererFolder, "index.html"), "<!doctype html><title>Lifeboat</title>");
writeFileSync(join(rendererFolder, "assets", "app-1.js"), "void 0");

let host: TestHost;
let ours: string;

beforeAll(async () => {
  host = await startHost({ rendererFolder });
  ours = `127.0.0.1:${host.port}`;
});

afterAll(async () => {
  await host.stop();
  rmSync(rendererFolder, { recursive: true, force: true });
});

/** Sends bytes as they are, which fetch would put right, and gives the whole answer. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(host.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    socket.setTimeout(3000, () => socket.destroy());
  });
}

function request(line: string, headers: Record<string, string>, body = ""): Promise<string> {
  const lines = Object.entries({ Connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return raw(`${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

function post(headers: Record<string, string>, body: string): Promise<string> {
  const length = { "Content-Length": String(Buffer.byteLength(body)) };
  return request("POST /session", { Host: ours, Origin: `http://${ours}`, ...length, ...headers }, body);
}

function upgrade(headers: Record<string, string>, path = "/socket"): Promise<string> {
  return request(`GET ${path}`, {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  });
}

/** What a page posts to /session, with a fresh code. */
function freshCode(): string {
  return JSON.stringify({ code: host.freshUrl().split("#code=")[1] });
}

function openSocket(): WebSocket {
  return new WebSocket(`ws://${ours}/socket`, { origin: `http://${ours}` });
}

/** The code a socket is closed with. */
function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once("close", resolve));
}

/** Sends one message from a window that was let in, and waits for the end. */
async function endAfter(message: string | Buffer): Promise<number> {
  const client = await connectClient(host);
  const end = closed(client.socket);
  client.socket.send(message);
  return end;
}

/** What comes on a connection on which nothing is asked, until the host ends it. */
function leftAlone(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(host.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("error", reject);
    socket.setTimeout(25_000, () => socket.destroy(new Error("the connection is still open")));
    socket.on("close", () => resolve(answer));
  });
}

describe("the Host header", () => {
  const foreign = [
    "attacker.example",
    "127.0.0.1.attacker.example",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "127.1:PORT",
    "127.0.0.2:PORT",
    "0.0.0.0:PORT",
    "LOCALHOST:PORT",
    "localhost.:PORT",
    "localhost:PORT.attacker.example",
    "attacker.example:PORT",
    "user@localhost:PORT",
    "[::ffff:127.0.0.1]:PORT",
    "",
  ];

  it.each(foreign)("is refused when it is not exactly ours: %j", async (name) => {
    const hostName = name.replace("PORT", String(host.port));
    const page = await request("GET /", { Host: hostName });
    expect([400, 403]).toContain(statusOf(page));
    expect(page).not.toContain("<title>Lifeboat");
    expect([400, 403]).toContain(statusOf(await upgrade({ Host: hostName, Origin: `http://${hostName}` })));
    const body = JSON.stringify({ code: "x" });
    const session = { Host: hostName, Origin: `http://${hostName}`, "Content-Type": "application/json" };
    expect([400, 403]).toContain(statusOf(await post(session, body)));
  });

  it.each(["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"])("is taken as %s", async (name) => {
    const page = await request("GET /", { Host: name.replace("PORT", String(host.port)) });
    expect(statusOf(page)).toBe(200);
  });

  it("is needed once, not twice and not never", async () => {
    expect(statusOf(await raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))).toBe(400);
    const twice = await raw(`GET / HTTP/1.1\r\nHost: ${ours}\r\nHost: attacker.example\r\nConnection: close\r\n\r\n`);
    expect([400, 403]).toContain(statusOf(twice));
    expect(statusOf(await raw("GET / HTTP/1.0\r\n\r\n"))).toBe(403);
  });
});

describe("the page", () => {
  it("comes with every guard, and so do refusals", async () => {
    for (const answer of [
      await request("GET /", { Host: ours }),
      await request("GET /absent.js", { Host: ours }),
      await request("GET /", { Host: "attacker.example" }),
    ]) {
      expect(answer).toContain(
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
      );
      expect(answer).toContain("Cross-Origin-Opener-Policy: same-origin");
      expect(answer).toContain("Cross-Origin-Resource-Policy: same-origin");
      expect(answer).toContain("Cross-Origin-Embedder-Policy: require-corp");
      expect(answer).toContain("X-Content-Type-Options: nosniff");
      expect(answer).toContain("Referrer-Policy: no-referrer");
      expect(answer).toContain("Cache-Control: no-store");
      expect(answer).not.toMatch(/Access-Control|Set-Cookie/i);
    }
  });

  it("keeps its hashed parts for good", async () => {
    expect(await request("GET /assets/app-1.js", { Host: ours })).toContain("max-age=31536000, immutable");
  });

  it("answers HEAD without a body, and nothing but GET and HEAD", async () => {
    const head = await request("HEAD /", { Host: ours });
    expect(statusOf(head)).toBe(200);
    expect(head).not.toContain("<title>");
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST"])
      expect(statusOf(await request(`${method} /`, { Host: ours, "Content-Length": "0" })), method).toBe(405);
  });

  it.each(["/../package.json", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd"])(
    "is no way to other files: %s",
    async (path) => {
      expect(statusOf(await request(`GET ${path}`, { Host: ours }))).toBe(404);
    },
  );
});

describe("the one-time code", () => {
  const json = { "Content-Type": "application/json" };

  it("works once", async () => {
    const body = freshCode();
    expect(statusOf(await post(json, body))).toBe(200);
    const again = await post(json, body);
    expect(statusOf(again)).toBe(401);
    expect(again).toContain("contract.refused");
  });

  it("is taken from our own page only", async () => {
    const body = freshCode();
    expect(statusOf(await post({ ...json, Origin: "http://attacker.example" }, body))).toBe(403);
    expect(statusOf(await post({ ...json, Origin: `http://localhost:${host.port}` }, body))).toBe(403);
    expect(statusOf(await post({ ...json, Origin: "null" }, body))).toBe(403);
    expect(statusOf(await post({ ...json, "Sec-Fetch-Site": "cross-site" }, body))).toBe(403);
    expect(statusOf(await post({ ...json, "Sec-Fetch-Site": "same-site" }, body))).toBe(403);
    const length = { "Content-Length": String(body.length) };
    expect(statusOf(await request("POST /session", { Host: ours, ...json, ...length }, body))).toBe(403);
    // None of these has used it up.
    expect(statusOf(await post({ ...json, "Sec-Fetch-Site": "same-origin" }, body))).toBe(200);
  });

  it("comes as JSON, whole and short", async () => {
    expect(statusOf(await post({ "Content-Type": "text/plain" }, freshCode()))).toBe(415);
    expect(statusOf(await post({ "Content-Type": "application/x-www-form-urlencoded" }, "code=1"))).toBe(415);
    for (const body of ["", "{", "[]", '{"code":5}', `{"code":"${"x".repeat(5000)}"}`])
      expect(statusOf(await post(json, body)), body.slice(0, 20)).toBe(401);
  });
});

describe("the WebSocket", () => {
  it("wants our own origin", async () => {
    expect(statusOf(await upgrade({ Host: ours }))).toBe(403);
    for (const origin of [
      "http://attacker.example",
      "null",
      `https://${ours}`,
      `http://localhost:${host.port}`,
      "file://",
    ])
      expect(statusOf(await upgrade({ Host: ours, Origin: origin })), origin).toBe(403);
    expect(statusOf(await upgrade({ Host: ours, Origin: `http://${ours}` }, "/other"))).toBe(404);
  });

  it.each([
    ["a wrong token", JSON.stringify({ kind: "token", token: "x".repeat(43) })],
    ["a call instead of a token", JSON.stringify({ kind: "invoke", id: 1, method: "hello", args: {} })],
    ["no JSON", "hello"],
    ["a token and more", JSON.stringify({ kind: "token", token: "x", admin: true })],
  ])("closes on %s, without an answer", async (_what, message) => {
    const socket = openSocket();
    const heard: string[] = [];
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    socket.once("open", () => socket.send(message));
    expect(await closed(socket)).toBe(4401);
    expect(heard).toEqual([]);
  });

  it("closes when no token comes", { timeout: 10_000 }, async () => {
    expect(await closed(openSocket())).toBe(4401);
  });

  it("serves who has a token, also after a reload", async () => {
    const token = await getToken(host);
    for (let load = 0; load < 2; load += 1) {
      const client = await connectClient(host, token);
      expect(await client.invoke("hello", {})).toMatchObject({ host: "browser" });
      client.close();
    }
  });

  it("ends at a message that is none, or is too long", async () => {
    expect(await endAfter("{}")).toBe(1008);
    expect(await endAfter("[")).toBe(1008);
    expect(await endAfter(Buffer.from([1, 2, 3]))).toBe(1008);
    expect(await endAfter("x".repeat(8_000_001))).toBe(1009);
  });

  it("outlives a window that does not read", async () => {
    const slow = await connectClient(host);
    slow.socket.pause();
    // Each answer repeats no argument, so many of them are needed; more at once than a window of ours would send are refused.
    for (let id = 0; id < 20_000; id += 1)
      slow.socket.send(JSON.stringify({ kind: "invoke", id: 1000 + id, method: "no.such", args: {} }));
    const other = await connectClient(host);
    expect(await other.invoke("settings.get", {})).toMatchObject({ theme: "system" });
    other.close();
    slow.close();
  });

  it("takes so many windows and no more, and has room again when they are gone", async () => {
    const clients = [];
    for (let count = 0; count < 16; count += 1) clients.push(await connectClient(host));
    const socket = openSocket();
    expect(await closed(socket)).toBe(1013);
    for (const client of clients) client.close();
    await sleep(100);
    (await connectClient(host)).close();
  });
});

describe("slow and broken requests", () => {
  it("end by themselves", { timeout: 25_000 }, async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(host.port, "127.0.0.1", () => socket.write(`GET / HTTP/1.1\r\nHost: ${ours}\r\nX-Slow: `));
      let text = "";
      const drip = setInterval(() => socket.writable && socket.write("x"), 500);
      socket.on("data", (data) => (text += data.toString("latin1")));
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(drip);
        resolve(text);
      });
    });
    expect([400, 408]).toContain(statusOf(answer));
  });

  it("that never came end without a word: a browser takes any for the answer to its next request", async () => {
    expect(await leftAlone()).toBe("");
  }, 40_000);

  it("do no harm", async () => {
    expect(statusOf(await raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"))).toBe(400);
    expect([400, 431]).toContain(statusOf(await request("GET /", { Host: ours, "X-Long": "x".repeat(40_000) })));
    expect(statusOf(await request("GET /", { Host: ours }))).toBe(200);
  });
});
