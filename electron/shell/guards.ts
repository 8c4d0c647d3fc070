import { type Session, shell, type WebContents } from "electron";
import { appOrigin, appPage } from "./app-scheme.ts";

/** Whose pages may be opened in the system's own browser. */
const linkedHosts: ReadonlySet<string> = new Set(["www.postgresql.org", "wiki.postgresql.org"]);

/** Opens a page in the system's browser; anything but https of a known host is left alone. */
export function openLink(address: string): void {
  if (!URL.canParse(address)) return;
  const { protocol, host, username, password, href } = new URL(address);
  if (protocol !== "https:" || !linkedHosts.has(host) || username !== "" || password !== "") return;
  shell.openExternal(href).catch(() => {
    // No browser here: the address stands in the text that was clicked.
  });
}

/** Keeps whatever is shown where it is: no other page, no other window, no webview. Put on everything Electron makes. */
export function guardContents(contents: WebContents): void {
  contents.on("will-frame-navigate", (event) => {
    // The page may load itself again. Nothing of it is ever in a frame.
    if (!event.isMainFrame || !isAppPage(event.url)) event.preventDefault();
  });
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: "deny" };
  });
}

/**
 * Denies every permission, device and foreign download. The one exception: our own page may put text on the clipboard (Chromium
 * asks for it as `clipboard-sanitized-write`), which is what its copy buttons do. Reading it stays denied.
 */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer, { isMainFrame }) => {
    answer(isMainFrame && isCopying(permission) && originOf(contents.getURL()) === appOrigin);
  });
  session.setPermissionCheckHandler((_contents, permission, origin, { isMainFrame }) => {
    return isMainFrame && isCopying(permission) && originOf(origin) === appOrigin;
  });
  session.setDevicePermissionHandler(() => false);
  session.on("will-download", (event, item) => {
    // Rows that the page exports, which Electron asks a place for. Nothing from elsewhere.
    if (!item.getURL().startsWith(`blob:${appPage}`)) event.preventDefault();
  });
}

const isCopying = (permission: string) => permission === "clipboard-sanitized-write";

function isAppPage(address: string): boolean {
  return URL.canParse(address) && address.split("#", 1)[0] === appPage;
}

/** Not URL's own origin, which is "null" for schemes that Node does not know. */
function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}
