/**
 * `npm run pack`: the app's folder as packages would hold it, by electron-builder where that is installed. It is no
 * dependency of this checkout (a few hundred packages): whoever makes releases installs it beside. What follows is handed
 * on in place of `--dir`, as in `npm run pack -- --linux AppImage`.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const missing = [
  ["node_modules/electron-builder", "electron-builder: npm install --no-save electron-builder@26"],
  ["dist/main.js", "the build: npm run build"],
  ["dist/preload.cjs", "the build: npm run build"],
  ["dist/renderer/index.html", "the build: npm run build"],
  ["resources/icons/512x512.png", "the icons: node resources/make-icons.mjs"],
]
  .filter(([path]) => !existsSync(join(root, path)))
  .map(([, remedy]) => remedy);

if (missing.length > 0) {
  process.stderr.write(`Packing is not possible yet. What is missing:\n`);
  for (const remedy of new Set(missing)) process.stderr.write(`  ${remedy}\n`);
  process.exit(1);
}
const args = process.argv.slice(2);
const { status } = spawnSync("npx", ["--no-install", "electron-builder", ...(args.length > 0 ? args : ["--dir"])], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exit(status ?? 1);
