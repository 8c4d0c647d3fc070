import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { browserSurroundings } from "./client/browser-session.ts";
import { createClient } from "./client/client.ts";
import { type Bridge, createIpcTransport } from "./client/ipc-transport.ts";
import { createWebSocketTransport } from "./client/websocket-transport.ts";

declare global {
  interface Window {
    /** There in the desktop window alone. */
    readonly lifeboat?: Bridge;
  }
}

const transport =
  window.lifeboat === undefined ? createWebSocketTransport(browserSurroundings()) : createIpcTransport(window.lifeboat);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(<App client={createClient(transport)} />);
