import { basename, dirname, join } from "node:path";

/**
 * Where a worker thread's code is: beside its source when that runs, in dist/ once built, where each has an entry of
 * vite.config.ts.
 *
 * @param module path below electron/, without extension
 */
export function workerFile(module: string): string {
  const here = import.meta.dirname;
  if (import.meta.filename.endsWith(".ts")) return join(here, `${module}.ts`);
  return join(basename(here) === "chunks" ? dirname(here) : here, `${basename(module)}.js`);
}
