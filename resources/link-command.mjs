/**
 * Makes `npx lifeboat` work inside this checkout: npm links a package's own "bin" only where the package is installed
 * as a dependency, and npx finds a command of the checkout itself only in node_modules/.bin. Run by `npm run build`.
 */
import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";

const target = "dist/cli.js";
const bin = "node_modules/.bin";
chmodSync(target, 0o755);
if (existsSync(bin)) {
  rmSync(`${bin}/lifeboat`, { force: true });
  if (process.platform === "win32") writeFileSync(`${bin}/lifeboat.cmd`, `@node "%~dp0\\..\\..\\dist\\cli.js" %*\r\n`);
  else symlinkSync("../../dist/cli.js", `${bin}/lifeboat`);
}
