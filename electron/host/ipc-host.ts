import { type IpcMainEvent, ipcMain, type WebContents } from "electron";
import { type ClientLink, linkClient } from "./client-link.ts";
import { toApp, toWindow } from "./ipc-channels.ts";
import type { ServedApp } from "./served-app.ts";

/** The desktop's host, running. */
export interface IpcHost {
  /** Windows that have spoken and are open now. */
  readonly windows: number;
  close(): void;
}

/**
 * Serves the app to the desktop's windows over one channel each way. Who may speak: the top frame of a page of `origin`,
 * nobody else; what others send is dropped without an answer. Every page that is loaded is a session of its own, so a
 * reload begins afresh, as it does in a browser.
 */
export function startIpcHost(app: ServedApp, origin: string): IpcHost {
  const links = new Map<WebContents, ClientLink>();

  function receive(event: IpcMainEvent, message: unknown): void {
    if (!isOurPage(event, origin)) return;
    linkOf(event.sender).receive(message);
  }

  function linkOf(contents: WebContents): ClientLink {
    const known = links.get(contents);
    if (known !== undefined) return known;
    const link = linkClient(app, {
      send: (message) => {
        if (!contents.isDestroyed()) contents.send(toWindow, message);
      },
      // Electron says nothing of what waits: its channel takes everything at once, into the window's own process.
      waitingBytes: () => 0,
    });
    links.set(contents, link);
    const end = () => {
      contents.off("did-navigate", end);
      contents.off("render-process-gone", end);
      contents.off("destroyed", end);
      links.delete(contents);
      link.close();
    };
    // Another page (a reload too) has taken this one's place. Steps within a page are `did-navigate-in-page`.
    contents.on("did-navigate", end);
    contents.on("render-process-gone", end);
    contents.on("destroyed", end);
    return link;
  }

  ipcMain.on(toApp, receive);
  return {
    get windows() {
      return links.size;
    },
    close() {
      ipcMain.off(toApp, receive);
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}

/** The frame is null where it has gone since; a frame within the page has a parent. */
function isOurPage({ sender, senderFrame }: IpcMainEvent, origin: string): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.origin === origin;
}
