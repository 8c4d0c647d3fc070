/**
 * A stand-in for the package `electron`, as far as main and preload use it: it records what it is told and lets a test
 * play the system and the page. It shows how the parts are wired. It has no sandbox and no isolation, so it proves
 * nothing about those.
 */
import { EventEmitter } from "node:events";

/** What was told to the stand-in. */
export const told = {
  paths: {},
  schemes: [],
  handlers: new Map(),
  exposed: new Map(),
  links: [],
  revealed: [],
  notifications: [],
  menu: null,
  hasQuit: false,
  errors: [],
};

/** What the person at the screen answers next. */
export const answers = { openDialog: [], messageBox: 0 };

const preventable = () => {
  const event = { defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true) };
  return event;
};

class App extends EventEmitter {
  isPackaged = false;
  setName() {}
  setAppUserModelId() {}
  setPath(name, path) {
    told.paths[name] = path;
  }
  requestSingleInstanceLock() {
    return true;
  }
  whenReady() {
    return Promise.resolve();
  }
  quit() {
    const event = preventable();
    this.emit("before-quit", event);
    if (event.defaultPrevented || told.hasQuit) return;
    told.hasQuit = true;
    this.emit("will-quit", preventable());
  }
  exit() {
    told.hasQuit = true;
  }
}
export const app = new App();

export class WebContents extends EventEmitter {
  url = "";
  mainFrame = { origin: "app://lifeboat", parent: null };
  openHandler = null;
  navigationHistory = { goBack() {}, goForward() {} };
  getURL() {
    return this.url;
  }
  isDestroyed() {
    return false;
  }
  setWindowOpenHandler(handler) {
    this.openHandler = handler;
  }
  send(channel, message) {
    ipcRenderer.emit(channel, {}, structuredClone(message));
  }
}

export class BrowserWindow extends EventEmitter {
  static all = [];
  webContents = new WebContents();
  isShown = false;
  focused = false;
  progress = null;
  constructor(options) {
    super();
    this.options = options;
    BrowserWindow.all.push(this);
    app.emit("web-contents-created", {}, this.webContents);
  }
  loadURL(url) {
    const isSamePage = this.webContents.url.split("#")[0] === url.split("#")[0];
    this.webContents.url = url;
    this.webContents.emit(isSamePage ? "did-navigate-in-page" : "did-navigate", {}, url);
    if (!isSamePage) queueMicrotask(() => this.emit("ready-to-show"));
    return Promise.resolve();
  }
  close() {
    const event = preventable();
    this.emit("close", event);
    if (!event.defaultPrevented) this.emit("closed");
    return !event.defaultPrevented;
  }
  show() {
    this.isShown = true;
  }
  focus() {
    this.focused = true;
  }
  hide() {
    this.isShown = false;
    this.focused = false;
  }
  restore() {}
  maximize() {}
  isMinimized() {
    return false;
  }
  isMaximized() {
    return false;
  }
  isFocused() {
    return this.focused;
  }
  getNormalBounds() {
    return { x: 10, y: 20, width: 1000, height: 700 };
  }
  setProgressBar(value) {
    this.progress = value;
  }
}

export const ipcMain = new EventEmitter();
export const ipcRenderer = Object.assign(new EventEmitter(), {
  send(channel, message) {
    const sender = BrowserWindow.all.at(-1).webContents;
    ipcMain.emit(channel, { sender, senderFrame: sender.mainFrame }, structuredClone(message));
  },
});
/** As Electron's: a file of the disk has a path, one that the page made itself has none. */
export const webUtils = { getPathForFile: (file) => file.path ?? "" };
export const contextBridge = { exposeInMainWorld: (name, api) => told.exposed.set(name, api) };

export const protocol = {
  registerSchemesAsPrivileged: (schemes) => told.schemes.push(...schemes),
  handle: (scheme, handler) => told.handlers.set(scheme, handler),
};

class Session extends EventEmitter {
  setPermissionRequestHandler(handler) {
    this.onRequest = handler;
  }
  setPermissionCheckHandler(handler) {
    this.onCheck = handler;
  }
  setDevicePermissionHandler(handler) {
    this.onDevice = handler;
  }
}
export const session = { defaultSession: new Session() };

export const shell = {
  openExternal(address) {
    told.links.push(address);
    return Promise.resolve();
  },
  showItemInFolder: (path) => told.revealed.push(path),
};
export const dialog = {
  showOpenDialog: () => Promise.resolve({ filePaths: answers.openDialog }),
  showMessageBox: () => Promise.resolve({ response: answers.messageBox }),
  showErrorBox: (title, content) => told.errors.push({ title, content }),
};
export class Notification extends EventEmitter {
  static isSupported() {
    return true;
  }
  constructor(options) {
    super();
    this.options = options;
  }
  show() {
    told.notifications.push(this);
  }
}
export class Tray extends EventEmitter {
  static last = null;
  constructor(image) {
    super();
    this.image = image;
    Tray.last = this;
  }
  setImage(image) {
    this.image = image;
  }
  setToolTip(text) {
    this.toolTip = text;
  }
  setContextMenu(menu) {
    this.menu = menu;
  }
  destroy() {
    Tray.last = null;
  }
}
export const Menu = {
  buildFromTemplate: (template) => template,
  setApplicationMenu: (menu) => (told.menu = menu),
};
export const nativeTheme = { themeSource: "system", shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
