import { contextBridge, ipcRenderer, webUtils } from "electron";
import { toApp, toWindow } from "./host/ipc-channels.ts";

/**
 * All that the page gets from the desktop: two functions over two fixed channels, and where a file lies that a person has
 * dropped on it. It knows nothing of what a message says; the app checks that. Neither ipcRenderer nor its events reach the page.
 */
contextBridge.exposeInMainWorld("lifeboat", {
  post(message: unknown): void {
    ipcRenderer.send(toApp, message);
  },
  onMessage(listener: (message: unknown) => void): void {
    ipcRenderer.on(toWindow, (_event, message: unknown) => {
      listener(message);
    });
  },
  pathOf(file: File): string {
    return webUtils.getPathForFile(file);
  },
});
