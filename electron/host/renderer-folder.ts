import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";

/**
 * The window's bundle: beside the built code (also where that is a chunk), or in dist/ when the sources themselves run.
 * @throws storage.notFound where it was not built
 */
export function findRenderer(): string {
  const isSource = import.meta.filename.endsWith(".ts");
  const places = isSource ? ["../../dist/renderer"] : ["renderer", "../renderer"];
  const found = places
    .map((place) => resolve(import.meta.dirname, place))
    .find((place) => existsSync(join(place, "index.html")));
  if (found !== undefined) return found;
  throw new AppError("storage.notFound", "The window has not been built.", { hint: "Build it with: npm run build" });
}
