/**
 * `npm start`: opens the window. In Electron where its binary is here, else in a browser. Builds first where nothing is
 * built yet, or where `--build` asks for it. What follows is handed on to `lifeboat serve`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const args = process.argv.slice(2);
const isBuilt = ["dist/cli.js", "dist/renderer/index.html"].every((file) => existsSync(join(root, file)));

if (!isBuilt || args.includes("--build")) {
  process.stdout.write("Building Lifeboat once …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const built = spawnSync(npm, ["run", "--silent", "build"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

const electron = findElectron();
const main = join(root, "dist/main.js");
if (electron !== null && existsSync(main)) run(electron, [main]);
else {
  if (electron === null) process.stdout.write("Electron's program is not here, so the window opens in your browser.\n");
  const rest = args.filter((argument) => argument !== "--build");
  run(process.execPath, [join(root, "dist/cli.js"), "serve", "--open", ...rest]);
}

/** Where npm put Electron's program, or where ELECTRON_OVERRIDE_DIST_PATH says it is. */
function findElectron() {
  const folder = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(root, "node_modules/electron/dist");
  const names = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" };
  const program = join(folder, names[process.platform] ?? "electron");
  return existsSync(program) ? program : null;
}

/** Ctrl-C reaches the program itself, which ends in its own time; this waits for it. */
function run(program, programArgs) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  const child = spawn(program, programArgs, { stdio: "inherit" });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}
