import type { sessionPath, socketPath } from "../../shared/contract/envelope.ts";
import type { WebSocketSurroundings } from "./websocket-transport.ts";

const tokenKey = "lifeboat-token";
const placeKey = "lifeboat-place";
const codePattern = /^#code=([A-Za-z0-9_-]+)$/;
const session: typeof sessionPath = "/session";
const socket: typeof socketPath = "/socket";

/**
 * The browser as the WebSocket transport needs it. The one-time code comes in the address's fragment, which no server and
 * no referrer sees; it is taken out of the address at once and exchanged for a token that only this tab keeps.
 */
export function browserSurroundings(): WebSocketSurroundings {
  let code = takeCode();
  // A fresh address typed over this page's own changes the fragment alone: the browser loads nothing by itself.
  addEventListener("hashchange", ({ oldURL }) => {
    if (!codePattern.test(location.hash)) return;
    sessionStorage.setItem(placeKey, new URL(oldURL).hash);
    location.reload();
  });
  return {
    openSocket(listeners) {
      const opened = new WebSocket(`${location.origin.replace(/^http/, "ws")}${socket}`);
      opened.addEventListener("open", () => listeners.opened());
      opened.addEventListener("message", ({ data }) => listeners.heard(String(data)));
      opened.addEventListener("close", (event) => listeners.ended(event.code));
      return opened;
    },
    async getToken() {
      if (code !== null) {
        const given = code;
        const token = await exchange(given);
        code = null;
        // A reload with a code that was used before still has the tab's own session.
        if (token !== null) sessionStorage.setItem(tokenKey, token);
      }
      return sessionStorage.getItem(tokenKey);
    },
    forgetToken: () => sessionStorage.removeItem(tokenKey),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** `#code=…` out of the address, which then names the place this tab was at; null where there is none. */
function takeCode(): string | null {
  const match = codePattern.exec(location.hash);
  if (match?.[1] === undefined) return null;
  const place = sessionStorage.getItem(placeKey) ?? "#/";
  sessionStorage.removeItem(placeKey);
  history.replaceState(null, "", `${location.pathname}${place}`);
  return match[1];
}

async function exchange(code: string): Promise<string | null> {
  const response = await fetch(session, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (!response.ok) return null;
  const answer: unknown = await response.json();
  return typeof answer === "object" && answer !== null && "token" in answer ? String(answer.token) : null;
}
