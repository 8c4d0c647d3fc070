import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { requirement } from "./requirement.ts";

/** Whether a test can have a real keychain of its own. */
export const keyring = requirement(
  "dbus-run-session and gnome-keyring",
  ["dbus-run-session", "gnome-keyring-daemon"].every((name) => spawnSync(name, ["--version"]).error === undefined),
  "apt install libsecret-1-0 gnome-keyring dbus",
);

/**
 * Runs a shell script, with L as the command, in a session with an unlocked keyring: that of the user whose home the
 * folder is. LIFEBOAT_HOME is `home` in it.
 */
export function withKeyring(
  folder: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string; stderr: string } {
  const cli = resolve(import.meta.dirname, "../../electron/cli.ts");
  const unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1";
  const shell = `L() { '${process.execPath}' '${cli}' "$@"; }; ${unlock}; ${script}`;
  return spawnSync("dbus-run-session", ["--", "/bin/sh", "-c", shell], {
    cwd: folder,
    encoding: "utf8",
    timeout: 120_000,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      XDG_RUNTIME_DIR: folder,
      LIFEBOAT_HOME: resolve(folder, "home"),
      ...env,
    },
  });
}
