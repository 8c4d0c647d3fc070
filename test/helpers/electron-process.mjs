/**
 * Runs the built main and preload under Node, with the stand-in in Electron's place, and plays the steps a test asks for
 * over the process's own channel: `{ id, step, args }` in, `{ id, value }` or `{ id, error }` out.
 * Arguments: the folder with main.js and preload.cjs.
 */
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const standInUrl = new URL("./electron-stand-in.mjs", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "electron" ? { url: standInUrl, format: "module", shortCircuit: true } : next(specifier, context),
});
const [folder] = process.argv.slice(2);
const electron = await import(standInUrl);
const { answers, app, BrowserWindow, ipcMain, session, told, Tray } = electron;
const received = [];
let bridge = null;

const contents = () => BrowserWindow.all.at(-1).webContents;

async function until(find) {
  for (let waited = 0; waited < 10_000; waited += 10) {
    const found = find();
    if (found) return found;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(10);
  }
  throw new Error(`waited in vain for ${find}; ${JSON.stringify({ errors: told.errors, received })}`);
}

const preventing = (fields) => {
  const event = { ...fields, isPrevented: false, preventDefault: () => (event.isPrevented = true) };
  return event;
};

const steps = {
  async start() {
    await import(pathToFileURL(join(folder, "main.js")).href);
    const window = await until(() => told.errors.length > 0 || BrowserWindow.all.find(({ isShown }) => isShown));
    if (told.errors.length > 0) return { errors: told.errors };
    createRequire(import.meta.url)(join(folder, "preload.cjs"));
    bridge = told.exposed.get("lifeboat");
    bridge.onMessage((message) => received.push(message));
    return {
      preferences: window.options.webPreferences,
      schemes: told.schemes,
      userData: told.paths.userData,
      url: window.webContents.url,
      exposed: Object.fromEntries([...told.exposed].map(([name, api]) => [name, Object.keys(api)])),
      takes: Object.values(bridge).map((value) => value.length),
      channels: ipcMain.eventNames(),
      menu: told.menu.flatMap(({ submenu = [] }) => submenu).flatMap(({ accelerator }) => accelerator ?? []),
    };
  },
  async post(message) {
    bridge.post(message);
    return until(() => received.find(({ kind, id }) => kind === "reply" && id === message.id));
  },
  snapshot: (id) => until(() => received.find((message) => message.kind === "snapshot" && message.id === id)),
  received: () => received,
  pathOf: (file) => bridge.pathOf(file),
  /** A message from somebody else: another page in the top frame, a frame within ours, one that has gone. */
  sendAs(who, message) {
    const sender = contents();
    const top = sender.mainFrame;
    const frames = {
      "another origin": { origin: "https://example.com", parent: null },
      "a frame within": { origin: "app://lifeboat", parent: top },
      "nobody any more": null,
    };
    if (who === "another page") sender.mainFrame = { origin: "https://example.com", parent: null };
    const senderFrame = who === "another page" ? sender.mainFrame : frames[who];
    ipcMain.emit("lifeboat:to-app", { sender, senderFrame }, message);
    sender.mainFrame = top;
    return null;
  },
  reload() {
    contents().emit("did-navigate", {}, contents().url);
    return null;
  },
  prevents(name, fields) {
    const event = preventing(fields);
    contents().emit(name, event);
    return event.isPrevented;
  },
  openWindow(url) {
    const before = told.links.length;
    const { action } = contents().openHandler({ url });
    return { action, links: told.links.slice(before) };
  },
  permissions(names, url) {
    const { onRequest, onCheck, onDevice } = session.defaultSession;
    const from = { getURL: () => url };
    const granted = [];
    for (const name of names) {
      onRequest(from, name, (isGranted) => isGranted && granted.push(`request ${name}`), { isMainFrame: true });
      if (onCheck(from, name, url, { isMainFrame: true })) granted.push(`check ${name}`);
      if (onCheck(from, name, url, { isMainFrame: false })) granted.push(`frame ${name}`);
    }
    if (onDevice({})) granted.push("device");
    return granted;
  },
  downloads(url) {
    const event = preventing({});
    session.defaultSession.emit("will-download", event, { getURL: () => url });
    return !event.isPrevented;
  },
  async fetch(url, method = "GET") {
    const response = await told.handlers.get("app")({ url, method });
    return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
  },
  async openFile(path) {
    const event = preventing({});
    app.emit("open-file", event, path);
    await sleep(20);
    return { isPrevented: event.isPrevented, url: contents().url };
  },
  async secondInstance(args, cwd) {
    app.emit("second-instance", {}, args, cwd);
    await sleep(20);
    return { url: contents().url, windows: BrowserWindow.all.length, isFocused: BrowserWindow.all.at(-1).focused };
  },
  choose(path) {
    answers.openDialog = path === null ? [] : [path];
    return null;
  },
  revealed: () => told.revealed,
  /** The tray once it says what is asked for. */
  async tray(word) {
    const { image, toolTip, menu } = await until(() => Tray.last?.toolTip.includes(word) && Tray.last);
    return { image, toolTip, menu: menu.map(({ label = "", enabled = true }) => (enabled ? label : `(${label})`)) };
  },
  async clickTray(label) {
    await Tray.last.menu.find((item) => item.label === label).click();
    return null;
  },
  async close() {
    BrowserWindow.all.at(-1).close();
    app.emit("window-all-closed");
    await sleep(50);
    return { hasQuit: told.hasQuit };
  },
};

process.on("message", ({ id, step, args }) => {
  Promise.resolve()
    .then(() => steps[step](...args))
    .then(
      (value) => process.send({ id, value }),
      (error) => process.send({ id, error: String(error?.stack ?? error) }),
    );
});
process.send({ id: 0, value: "here" });
