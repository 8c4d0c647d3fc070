import { createInterface } from "node:readline";
import { locateHome } from "../../../electron/home.ts";
import { startServing } from "../../../electron/serve.ts";

/**
 * The browser host as `lifeboat serve` starts it, in a process that a test can end in every way. Each line on its input
 * makes it print a fresh address; the command itself does so on Enter, at a terminal alone.
 */
const port = Number(process.argv[2] ?? 0);
/** Another build of the window than the one in dist/. */
const rendererFolder = process.env["LIFEBOAT_TEST_RENDERER"];
const serving = await startServing({
  home: locateHome(process.env),
  env: process.env,
  ...(port === 0 ? {} : { port }),
  ...(rendererFolder === undefined ? {} : { rendererFolder }),
});
const tell = () => process.stdout.write(`${serving.newAddress()}\n`);
tell();
createInterface({ input: process.stdin }).on("line", tell);
process.once("SIGTERM", () => {
  void serving.close().then(() => process.exit(0));
});
