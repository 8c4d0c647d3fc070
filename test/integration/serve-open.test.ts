import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type Serving, startServing } from "../../electron/serve.ts";

/**
 * `lifeboat serve --open`: what the browser is started with, which every user of the computer may read, is of use to this
 * user alone.
 */
const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;
const need = isRootOnLinux ? "run" : "needs root on Linux, which alone can run a program as somebody else";

describe.skipIf(need !== "run")(`the address a browser is opened with (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-open-"));
  let serving: Serving;
  let address: URL;

  beforeAll(async () => {
    // A stand-in for the desktop's xdg-open: a real one would open a window on the screen of whoever runs the tests.
    const opened = join(folder, "opened");
    writeFileSync(
      join(folder, "xdg-open"),
      `#!/bin/sh\nprintf '%s' "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`,
    );
    chmodSync(join(folder, "xdg-open"), 0o755);
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>Lifeboat</title>");
    mkdirSync(join(folder, "home"));
    const env = { LIFEBOAT_HOME: join(folder, "home"), DISPLAY: ":0", PATH: `${folder}:/usr/bin:/bin` };
    serving = await startServing({ home: locateHome(env), env, rendererFolder: folder, open: true });
    address = new URL(await vi.waitFor(() => readFileSync(opened, "utf8"), { timeout: 20_000 }));
  });
  afterAll(async () => {
    await serving.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets another user's program in by no means, and this user's once", async () => {
    expect(address.origin).toBe(`http://127.0.0.1:${serving.port}`);
    expect(await exchangeAs(65_534, address)).toBe(401);
    expect(await exchangeAs(0, address)).toBe(200);
    expect(await exchangeAs(0, address)).toBe(401);
  });

  it("differs from the printed one, which whoever was given it may use", async () => {
    expect(await exchangeAs(65_534, new URL(serving.newAddress()))).toBe(200);
  });
});

/** The status that a program of another user gets for the code in an address. */
async function exchangeAs(uid: number, { origin, hash }: URL): Promise<number> {
  const script = `process.setgid(${uid}); process.setuid(${uid});
  fetch("${origin}/session", {
    method: "POST",
    headers: { Origin: "${origin}", "Content-Type": "application/json" },
    body: JSON.stringify({ code: "${hash.slice("#code=".length)}" }),
  }).then((answer) => console.log(answer.status))`;
  // It becomes that user itself: Node's own program may lie where only root can start it.
  const child = spawn(process.execPath, ["-"], { cwd: "/", stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(script);
  return Number(await text(child.stdout));
}
