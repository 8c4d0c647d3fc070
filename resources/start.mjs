/**
 * `npm start`: opens the window. In Electron where its program is here or can be fetched, else in a browser, and says which
 * and why. Builds first where nothing is built yet, or where `--build` asks for it. `--browser` asks for the browser;
 * what else follows is handed on: an archive to Electron, options to `lifeboat serve`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const own = new Set(["--build", "--browser"]);
const args = process.argv.slice(2);
const rest = args.filter((argument) => !own.has(argument));
const passOver = () => {};
const parts = ["dist/cli.js", "dist/main.js", "dist/preload.cjs", "dist/renderer/index.html"];

if (args.includes("--build") || !parts.every((file) => existsSync(join(root, file)))) {
  process.stdout.write("Building Lifeboat once …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const built = spawnSync(npm, ["run", "--silent", "build"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

const reason = args.includes("--browser") ? "As you asked" : whyNoElectron();
if (reason === null) run(findElectron(), [root, ...rest]);
else {
  process.stdout.write(`${reason}, so the window opens in your browser.\n`);
  run(process.execPath, [join(root, "dist/cli.js"), "serve", "--open", ...rest]);
}

/** Why the window cannot be Electron's here; null where it can. Fetches Electron's program where only that is missing. */
function whyNoElectron() {
  if (process.platform === "linux" && process.getuid?.() === 0) return "Electron's sandbox does not work for root";
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === "linux" && !DISPLAY && !WAYLAND_DISPLAY) return "There is no display here";
  if (findElectron() !== null || fetchElectron()) return null;
  return "Electron's program is not here";
}

/** Where npm put Electron's program, or where ELECTRON_OVERRIDE_DIST_PATH says it is. */
function findElectron() {
  const folder = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(root, "node_modules/electron/dist");
  const names = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" };
  const program = join(folder, names[process.platform] ?? "electron");
  return existsSync(program) ? program : null;
}

/** Fetches it with Electron's own installer, which checks what it gets. Once: a failure is remembered beside it. */
function fetchElectron() {
  const installer = join(root, "node_modules/electron/install.js");
  const failed = join(root, "node_modules/electron/.fetch-failed");
  const isUnwanted = process.env["ELECTRON_SKIP_BINARY_DOWNLOAD"] || process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  if (isUnwanted || !existsSync(installer) || existsSync(failed)) return false;
  process.stdout.write("Fetching Electron's program once, about 120 MB (Ctrl-C: open a browser instead) …\n");
  // Ctrl-C is the fetching's alone while it lasts.
  process.on("SIGINT", passOver);
  const { status } = spawnSync(process.execPath, [installer], { cwd: root, stdio: ["ignore", "inherit", "pipe"] });
  process.off("SIGINT", passOver);
  if (status === 0 && findElectron() !== null) return true;
  writeFileSync(failed, "Remove this file to have Electron's program fetched again by npm start.\n");
  process.stdout.write(`It could not be fetched. To try again: remove ${failed}\n`);
  return false;
}

/** Ctrl-C reaches the program itself, which ends in its own time; this waits for it. */
function run(program, programArgs) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, passOver);
  const child = spawn(program, programArgs, { stdio: "inherit" });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}
