#!/usr/bin/env node
// The door of the `lifeboat` command. Nothing of ours is imported statically: an old Node must reach the check below and
// be told what to do, and the compile cache must be on before the first module of weight is read.
import process from "node:process";

const major = Number(process.versions.node.split(".")[0]);

if (major < 24) {
  process.stderr.write(
    `lifeboat needs Node.js 24 or newer; this is ${process.version}.\n` +
      "In a checkout, run it with: npx lifeboat (npm ci brings the right Node along). Elsewhere, install Node.js 24.\n",
  );
  process.exitCode = 1;
} else {
  // Beside the built code, never in a shared temporary folder: whoever may write compiled code may run it.
  if (import.meta.filename.endsWith(".js")) {
    const { enableCompileCache } = await import("node:module");
    enableCompileCache(`${import.meta.dirname}/compile-cache`);
  }
  const { main } = await import("./cli/main.ts");
  await main(process.argv.slice(2));
}
