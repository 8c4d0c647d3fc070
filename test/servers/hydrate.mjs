/**
 * Runs each server package's own hydrate script: npm archives cannot hold symbolic links, and the servers' libraries
 * are looked up by linked names (libicuuc.so.60). npm may be told to skip the scripts of dependencies, so this
 * package's own postinstall does it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const modules = join(import.meta.dirname, "node_modules");
for (const name of existsSync(modules) ? readdirSync(modules) : []) {
  if (!name.startsWith("postgres-")) continue;
  const cwd = join(modules, name);
  execFileSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd, stdio: "inherit" });
}
