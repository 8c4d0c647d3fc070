import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Every bench, one after another. Each prints its own table; none is a test. */
for (const bench of [
  "archive-reader.ts",
  "archive-rows.ts",
  "export.ts",
  "pieces.ts",
  "plain.ts",
  "compare.ts",
  "backup.ts",
  "upload.ts",
  "age.ts",
  "backups-listing.ts",
  "window.ts",
])
  spawnSync(process.execPath, [join(import.meta.dirname, bench)], { stdio: "inherit" });
