import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Home } from "../home.ts";
import type { HttpHost } from "./http-host.ts";

/**
 * Asks the system to open the window in a browser. Every user of a computer may read what a program is started with, so
 * what stands there must not be enough to come in:
 * - Linux: its code works for this user's programs alone. (A file that leads on would not do: browsers in a sandbox of
 *   their own may not read the folders of Lifeboat.)
 * - macOS: a file that only this user can read leads on; gone after a minute, as the code is.
 * - Windows shows a program's arguments to its own user and to administrators alone.
 * Nothing happens where there is no browser: the address is printed in any case.
 */
export async function openBrowser(host: HttpHost, home: Home, env: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform === "darwin") start("open", env, [await writeRedirect(home, host.newAddress())]);
  else if (process.platform === "win32") start("rundll32", env, ["url.dll,FileProtocolHandler", host.newAddress()]);
  // Without a display there is no browser that a person would see.
  else if (env["DISPLAY"] || env["WAYLAND_DISPLAY"]) start("xdg-open", env, [host.newAddressForThisUser()]);
}

function start(program: string, env: NodeJS.ProcessEnv, args: readonly string[]): void {
  spawn(program, args, { env, stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

async function writeRedirect(home: Home, address: string): Promise<string> {
  const path = join(home.runFolder, `open-${process.pid}.html`);
  await mkdir(home.runFolder, { recursive: true, mode: 0o700 });
  await writeFile(path, `<!doctype html><meta http-equiv="refresh" content="0;url=${address}">\n`, { mode: 0o600 });
  setTimeout(() => void rm(path, { force: true }), 60_000).unref();
  return path;
}
