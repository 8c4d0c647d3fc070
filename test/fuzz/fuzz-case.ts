import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** An archive as the files it is made of: one, or those of a folder; a manifest may lie beside it. */
export interface FuzzCase {
  /** What it was made from, for reports. */
  readonly seed: string;
  /** Bytes by path, with `/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What is opened: a file, or the folder of a directory archive. */
  readonly main: string;
  /** Applied to the seed, in order, for reports. */
  readonly done: readonly string[];
}

/** Writes a case below a folder, which holds nothing else afterwards. @returns the path to open */
export function writeCase(folder: string, { files, main }: FuzzCase): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return join(folder, main);
}

/** Every seed in a folder: each is a folder of its own with what writeCase wrote. The kind is what stands before its name's first dash. */
export function loadSeeds(folder: string): FuzzCase[] {
  return readdirSync(folder)
    .toSorted()
    .map((seed) => {
      const root = join(folder, seed);
      const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
        statSync(join(root, path)).isFile(),
      );
      const files = new Map(paths.toSorted().map((path) => [path, readFileSync(join(root, path))]));
      const main = readdirSync(root).find((name) => !name.endsWith(".json")) ?? "";
      return { seed, files, main, done: [] };
    });
}
