import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { _electron } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentSecurityPolicy } from "../../electron/host/response-headers.ts";
import { parseRoute, type Route } from "../../renderer/features/shell/route.ts";
import { type ElectronWindow, startElectronWindow } from "../helpers/electron-window.ts";

interface Started {
  readonly preferences: Record<string, unknown>;
  readonly schemes: readonly { readonly scheme: string; readonly privileges: Record<string, boolean> }[];
  readonly userData: string;
  readonly url: string;
  readonly exposed: Record<string, readonly string[]>;
  readonly takes: readonly number[];
  readonly channels: readonly string[];
  readonly menu: readonly string[];
}
interface Answer {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: { readonly code: string };
}
interface Fetched {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

let window: ElectronWindow;
let started: Started;
let lastId = 0;

const invoke = (method: string, args: unknown = {}) =>
  window.play<Answer>("post", { kind: "invoke", id: ++lastId, method, args });

beforeAll(async () => {
  window = await startElectronWindow();
  started = await window.play<Started>("start");
});
afterAll(() => window?.stop());

describe("the window", () => {
  it("runs its page isolated, in the sandbox, without Node and webviews", () => {
    expect(started.preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(started.preferences["preload"]).toBe(join(window.folder, "dist/preload.cjs"));
  });

  it("loads app://lifeboat, a secure standard scheme that does not go around the CSP", () => {
    expect(started.url).toBe("app://lifeboat/");
    expect(started.schemes).toHaveLength(1);
    expect(started.schemes[0]).toMatchObject({ scheme: "app", privileges: { standard: true, secure: true } });
    expect(started.schemes[0]?.privileges).not.toHaveProperty("bypassCSP");
  });

  it("keeps Chromium's files in the home", () => {
    expect(started.userData).toBe(join(window.home, "chromium"));
    expect(existsSync(started.userData)).toBe(true);
  });

  it("has the shortcuts people know", () => {
    expect(started.menu).toEqual(expect.arrayContaining(["CmdOrCtrl+O", "CmdOrCtrl+,"]));
  });
});

describe("the preload", () => {
  it("gives the page three functions and nothing else", () => {
    expect(started.exposed).toEqual({ lifeboat: ["post", "onMessage", "pathOf"] });
    expect(started.takes).toEqual([1, 1, 1]);
  });

  it("tells where a dropped file lies, and of one that the page made nothing", async () => {
    expect(await window.play("pathOf", { path: "/backups/shop.dump" })).toBe("/backups/shop.dump");
    expect(await window.play("pathOf", {})).toBe("");
  });

  it("speaks over the one channel that is listened on", () => {
    expect(started.channels).toEqual(["lifeboat:to-app"]);
    const text = readFileSync(join(window.folder, "dist/preload.cjs"), "utf8");
    expect(text.match(/require\([^)]*\)/g)).toEqual(['require("electron")']);
  });
});

describe("the app over IPC", () => {
  it("says that it is Electron and has the system's own dialogs", async () => {
    const { ok, value } = await invoke("hello");
    expect(ok).toBe(true);
    const expected = {
      host: "electron",
      isFresh: true,
      capabilities: { nativeDialogs: true, revealInFolder: true, notifications: true },
    };
    expect(value).toMatchObject(expected);
  });

  it("streams topics", async () => {
    const id = ++lastId;
    expect(await window.play("post", { kind: "subscribe", id, topic: "jobs" })).toMatchObject({ ok: true });
    expect(await window.play("snapshot", id)).toMatchObject({ seq: 1, value: [] });
  });

  it("checks names and arguments like the browser host", async () => {
    expect(await invoke("constructor")).toMatchObject({ ok: false, error: { code: "contract.unknownMethod" } });
    expect(await invoke("jobs.get", { id: 5 })).toMatchObject({ ok: false, error: { code: "contract.badArguments" } });
  });

  it.each(["another origin", "another page", "a frame within", "nobody any more"])(
    "does not answer %s",
    async (who) => {
      const id = 10_000 + ++lastId;
      // A method that there is not is answered at once, so an answer would be here before the next call's.
      await window.play("sendAs", who, { kind: "invoke", id, method: "nothing", args: {} });
      await invoke("settings.get");
      const received = await window.play<{ readonly id: number }[]>("received");
      expect(received.filter((message) => message.id === id)).toEqual([]);
    },
  );

  it("begins afresh with a page that is loaded anew: ids count again, old streams are over", async () => {
    const id = ++lastId;
    await window.play("post", { kind: "subscribe", id, topic: "settings" });
    await window.play("snapshot", id);
    await window.play("reload");
    const theme = "dark";
    expect(await invoke("settings.set", { theme })).toMatchObject({ ok: true, value: { theme } });
    const received = await window.play<{ readonly kind: string; readonly id: number }[]>("received");
    expect(received.filter((message) => message.id === id && message.kind === "delta")).toEqual([]);
  });
});

describe("dialogs", () => {
  it("give what was chosen, null where nothing was, and the folder for its toc.dat", async () => {
    const pick = async (path: string | null) => {
      await window.play("choose", path);
      return (await invoke("dialogs.openArchive")).value;
    };
    expect(await pick("/backups/shop.dump")).toEqual({ path: "/backups/shop.dump" });
    expect(await pick("/backups/shop/toc.dat")).toEqual({ path: "/backups/shop" });
    expect(await pick(null)).toEqual({ path: null });
    await window.play("choose", "/srv/backups");
    expect((await invoke("dialogs.chooseFolder")).value).toEqual({ path: "/srv/backups" });
  });

  it("reveal only what is there", async () => {
    expect(await invoke("shell.reveal", { path: window.home })).toMatchObject({ ok: true });
    expect(await invoke("shell.reveal", { path: join(window.home, "gone") })).toMatchObject({ ok: false });
    expect(await invoke("shell.reveal", { path: "relative" })).toMatchObject({ ok: false });
    expect(await window.play("revealed")).toEqual([window.home]);
  });
});

describe("guards", () => {
  it.each([
    ["https://example.com/", true, true],
    ["file:///etc/passwd", true, true],
    ["app://other/", true, true],
    ["app://lifeboat/assets/index-1a2b3c.js", true, true],
    ["app://lifeboat/", false, true],
    ["app://lifeboat/#/backups", true, false],
  ])("a step to %s (top frame %s): prevented %s", async (url, isMainFrame, isPrevented) => {
    expect(await window.play("prevents", "will-frame-navigate", { url, isMainFrame })).toBe(isPrevented);
  });

  it("prevent redirects and webviews", async () => {
    expect(await window.play("prevents", "will-redirect", { url: "app://lifeboat/" })).toBe(true);
    expect(await window.play("prevents", "will-attach-webview", {})).toBe(true);
  });

  it.each([
    ["https://www.postgresql.org/docs/current/app-pgdump.html", true],
    ["http://www.postgresql.org/", false],
    ["https://www.postgresql.org.example.com/", false],
    ["https://www.postgresql.org:8443/", false],
    ["https://user:word@www.postgresql.org/", false],
    ["file:///etc/passwd", false],
    ["javascript:alert(1)", false],
    ["not an address", false],
  ])("open no window for %s; its page in the browser: %s", async (url, isOpened) => {
    expect(await window.play("openWindow", url)).toEqual({ action: "deny", links: isOpened ? [url] : [] });
  });

  it("deny every permission but putting text on the clipboard, and that to our own page only", async () => {
    const names = ["media", "geolocation", "notifications", "clipboard-read", "openExternal", "hid", "fullscreen"];
    expect(await window.play("permissions", names, "app://lifeboat/#/")).toEqual([]);
    const copying = ["clipboard-sanitized-write"];
    expect(await window.play("permissions", copying, "app://lifeboat/#/")).toEqual([
      "request clipboard-sanitized-write",
      "check clipboard-sanitized-write",
    ]);
    expect(await window.play("permissions", copying, "https://example.com/")).toEqual([]);
    expect(await window.play("permissions", copying, "app://other/")).toEqual([]);
  });

  it("let rows be saved that the page exports, nothing else be downloaded", async () => {
    expect(await window.play("downloads", "blob:app://lifeboat/0f6c")).toBe(true);
    expect(await window.play("downloads", "https://example.com/a.exe")).toBe(false);
    expect(await window.play("downloads", "blob:https://example.com/0f6c")).toBe(false);
  });
});

describe("app://", () => {
  it("gives the page and its parts with the browser host's own headers", async () => {
    const page = await window.play<Fetched>("fetch", "app://lifeboat/");
    expect(page).toMatchObject({ status: 200, text: "<!doctype html><title>Lifeboat</title>" });
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
    });
    expect(await window.play("fetch", "app://lifeboat/assets/index-1a2b3c.js")).toMatchObject({ status: 200 });
  });

  it.each([
    "app://lifeboat/../main.js",
    "app://lifeboat/assets/..%2f..%2fmain.js",
    "app://lifeboat/%2e%2e/main.js",
    "app://lifeboat/%2e%2e%2fmain.js",
    "app://lifeboat/..%5cmain.js",
    "app://lifeboat//etc/passwd",
    "app://lifeboat/linked.js",
    "app://lifeboat/notes.txt",
    "app://lifeboat/.hidden.js",
    "app://lifeboat/assets",
    "app://other/index.html",
  ])("does not give %s, and sends the CSP with its refusal", async (url) => {
    const { status, headers } = await window.play<Fetched>("fetch", url);
    expect(status).toBe(404);
    expect(headers["content-security-policy"]).toBe(contentSecurityPolicy);
  });

  it("answers reading only", async () => {
    expect(await window.play("fetch", "app://lifeboat/", "POST")).toMatchObject({ status: 404 });
    expect(await window.play("fetch", "app://lifeboat/", "HEAD")).toMatchObject({ status: 200, text: "" });
  });
});

describe("the tray", () => {
  interface Shown {
    readonly image: string;
    readonly toolTip: string;
    readonly menu: readonly string[];
  }
  const profile = {
    name: "shop",
    hosts: [{ host: "127.0.0.1", port: 1 }],
    database: "shop",
    user: "me",
    sslMode: "disable",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    passwordSource: "none",
    environment: "production",
    colour: null,
    tunnel: null,
  };

  it("says what Home says, and backs up what can be backed up", async () => {
    const fresh = await window.play<Shown>("tray", "No database");
    expect(fresh.menu).toEqual(["(No database is protected yet)", "", "Open Lifeboat", "Quit"]);
    expect(fresh.image).toMatch(/tray-plain/);

    expect(await invoke("profiles.save", { profile, replaces: null })).toMatchObject({ ok: true });
    const unsafe = await window.play<Shown>("tray", "shop is not safe");
    expect(unsafe.menu).toEqual(["(shop is not safe)", "", "Back up shop now", "", "Open Lifeboat", "Quit"]);
    expect(unsafe.image).toMatch(/tray-failing/);

    const id = ++lastId;
    await window.play("post", { kind: "subscribe", id, topic: "jobs" });
    await window.play("clickTray", "Back up shop now");
    // Nothing listens there: the job says so, and the tray goes on.
    await expect
      .poll(async () => JSON.stringify(await window.play("received")), { timeout: 20_000 })
      .toContain('"state":"failed"');
    expect((await window.play<Shown>("tray", "shop is not safe")).menu).toContain("Back up shop now");
    expect(await invoke("profiles.remove", { name: "shop" })).toMatchObject({ ok: true });
    await window.play<Shown>("tray", "No database");
  });

  it("has a picture of each state and size in the package", () => {
    const icons = join(import.meta.dirname, "../../resources/icons");
    for (const state of ["plain", "protected", "attention", "failing"])
      for (const kind of ["", "-Template"])
        for (const size of ["", "@2x"]) expect(existsSync(join(icons, `tray-${state}${kind}${size}.png`))).toBe(true);
    expect(readFileSync(join(import.meta.dirname, "../../electron-builder.yml"), "utf8")).toContain("icons/tray-*.png");
  });
});

describe("archives that the system names", () => {
  it("a double click on macOS goes to the archive", async () => {
    const path = join(window.folder, "täglich & ‘shop’ #1.dump");
    const opened = await window.play<{ isPrevented: boolean; url: string }>("openFile", path);
    expect(opened.isPrevented).toBe(true);
    expect(placeOf(opened.url)).toMatchObject({ screen: "archive", path });
  });

  it("a second start hands its archive over to the window that is there", async () => {
    mkdirSync(join(window.folder, "backups"));
    writeFileSync(join(window.folder, "backups/shop.dump"), "PGDMP");
    const args = ["/opt/lifeboat/lifeboat-window", "--no-first-run", "shop.dump"];
    const second = await window.play<{ url: string; windows: number; isFocused: boolean }>(
      "secondInstance",
      args,
      join(window.folder, "backups"),
    );
    expect(placeOf(second.url)).toMatchObject({ screen: "archive", path: join(window.folder, "backups/shop.dump") });
    expect(second).toMatchObject({ windows: 1, isFocused: true });
  });

  it("what is no archive changes nothing", async () => {
    const args = ["/opt/lifeboat/lifeboat-window", "--gone.dump", "gone.dump", "dist/main.js"];
    const { url } = await window.play<{ url: string }>("secondInstance", args, window.folder);
    expect(placeOf(url)).toMatchObject({ screen: "archive", path: join(window.folder, "backups/shop.dump") });
  });
});

describe("in Electron itself", () => {
  const program = electronProgram();

  it("isolates the page and holds the sandbox", async (context) => {
    context.skip(program === null, "Electron's program is not here, and a stand-in has no sandbox");
    context.skip(process.getuid?.() === 0, "Electron's sandbox does not work for root");
    if (program === null) return;
    const real = await _electron.launch({
      executablePath: program,
      args: [join(window.folder, "dist/main.js")],
      env: { ...environment(), LIFEBOAT_HOME: join(window.folder, "real-home") },
    });
    try {
      const page = await real.firstWindow();
      expect(page.url()).toBe("app://lifeboat/");
      expect(await page.evaluate("[typeof require, typeof process, typeof Buffer]")).toEqual(
        Array(3).fill("undefined"),
      );
      expect(await page.evaluate("Object.keys(window.lifeboat)")).toEqual(["post", "onMessage", "pathOf"]);
    } finally {
      await real.close();
    }
  });
});

/** The place that an address of the window names. */
function placeOf(url: string): Route {
  return parseRoute(url.slice(url.indexOf("#")));
}

function electronProgram(): string | null {
  const names: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "Electron.app/Contents/MacOS/Electron",
    win32: "electron.exe",
  };
  const folder =
    process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(import.meta.dirname, "../../node_modules/electron/dist");
  const path = join(folder, names[process.platform] ?? "electron");
  return existsSync(path) ? path : null;
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

describe("the end", () => {
  it.skipIf(process.platform === "darwin")("comes with the window's, which remembers its place", async () => {
    expect(await window.play("close")).toEqual({ hasQuit: true });
    expect(JSON.parse(readFileSync(join(window.home, "window.json"), "utf8"))).toEqual({
      bounds: { x: 10, y: 20, width: 1000, height: 700 },
      isMaximized: false,
    });
  });
});
