import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes, gzipped, of what the window's page names itself: scripts, modules preloaded for them, styles. */
export function firstBytes(folder = resolve(import.meta.dirname, "../../../dist/renderer")): number {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const named = page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g);
  return Array.from(named, ([, path = ""]) => gzipSync(readFileSync(join(folder, path))).length).reduce(
    (sum, bytes) => sum + bytes,
    0,
  );
}
