import { createReadStream, type ReadStream } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";

/** A file of the window's bundle, ready to be sent. */
export interface StaticFile {
  readonly type: string;
  readonly sizeBytes: number;
  /** Vite's hashed names never change their content; the page itself always may. */
  readonly isImmutable: boolean;
  open(): ReadStream;
}

/** What the bundle consists of. Anything else is not served. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/**
 * The file that a request's path names below a folder; null for everything that is none: `..`, encoded slashes, control
 * characters, dot files, symbolic links on the way, unknown types, folders.
 * @param requestPath path as in the request line, without its query
 */
export async function findStaticFile(folder: string, requestPath: string): Promise<StaticFile | null> {
  const names = pathNames(requestPath);
  if (names === null) return null;
  const type = types[extname(names.at(-1) ?? "")];
  if (type === undefined) return null;
  try {
    const root = await realpath(folder);
    const path = join(root, ...names);
    // A link anywhere on the way makes the real path another one.
    if (!path.startsWith(root + sep) || (await realpath(path)) !== path) return null;
    const found = await lstat(path);
    if (!found.isFile()) return null;
    return {
      type,
      sizeBytes: found.size,
      isImmutable: names[0] === "assets",
      open: () => createReadStream(path),
    };
  } catch {
    return null;
  }
}

/** `/` is the page. Names hold letters, digits, `.`, `-` and `_` only, and do not begin with a dot. */
function pathNames(requestPath: string): string[] | null {
  if (requestPath === "/") return ["index.html"];
  if (!requestPath.startsWith("/")) return null;
  const names = requestPath.slice(1).split("/");
  return names.every((name) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name)) ? names : null;
}
