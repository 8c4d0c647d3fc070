import { Readable } from "node:stream";
import { protocol } from "electron";
import { securityHeaders } from "../host/response-headers.ts";
import { findStaticFile } from "../host/static-files.ts";

const scheme = "app";
const host = "lifeboat";

/** Where the window's page comes from, and the only origin that may speak to the app. */
export const appOrigin = `${scheme}://${host}`;
export const appPage = `${appOrigin}/`;

/** Makes app:// an origin like https. To be called before Electron is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Answers app:// with the window's bundle: the files, the refusals and the headers of the browser host. */
export function serveAppScheme(rendererFolder: string): void {
  protocol.handle(scheme, async ({ url, method }) => {
    const { host: asked, pathname } = new URL(url);
    const file =
      asked === host && (method === "GET" || method === "HEAD") ? await findStaticFile(rendererFolder, pathname) : null;
    if (file === null) return new Response("There is no such page.", { status: 404, headers: securityHeaders });
    const headers = { ...securityHeaders, "Content-Type": file.type, "Content-Length": String(file.sizeBytes) };
    if (method === "HEAD") return new Response(null, { headers });
    return new Response(Readable.toWeb(file.open()), { headers });
  });
}
