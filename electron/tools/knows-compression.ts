import type { Compression } from "../../shared/archive/toc-entry.ts";
import { runTool } from "./run-tool.ts";
import { baseEnvironment } from "./tool-environment.ts";

/** It does not get as far as to a server: where sockets lie there is no folder of this name. */
const noServer = "host=/nonexistent/lifeboat";
const limitMs = 5000;

/**
 * Whether this pg_dump, of 16 or newer, was built with a compression; so was its pg_restore then, which is to read what we
 * compress. pg_dump looks at the compression it is asked for before it connects (parse_compress_specification in
 * PostgreSQL's src/common/compression.c). true where it does not say that it cannot.
 */
export async function knowsCompression(pgDump: string, method: Compression): Promise<boolean> {
  if (method === "none") return true;
  let isRefused = false;
  const run = runTool({
    path: pgDump,
    args: ["--format=custom", `--compress=${method}`, `--dbname=${noServer}`],
    env: baseEnvironment(),
    stdout: "ignore",
    onStderrLine: (line) => {
      if (line.includes("does not support compression")) isRefused = true;
    },
    limitMs,
    phase: "local",
  });
  await run.exit;
  return !isRefused;
}
