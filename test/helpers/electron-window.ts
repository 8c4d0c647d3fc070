import { type ChildProcess, execFile, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");

/** The built desktop entry, running under Node over the stand-in for Electron. */
export interface ElectronWindow {
  readonly folder: string;
  readonly home: string;
  /** Plays a step of electron-process.mjs. */
  play<Value>(step: string, ...args: readonly unknown[]): Promise<Value>;
  stop(): void;
}

/** Builds main and preload into a folder of their own, with a small page beside them, and starts them. */
export async function startElectronWindow(): Promise<ElectronWindow> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-electron-"));
  const dist = join(folder, "dist");
  const home = join(folder, "home");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  for (const config of ["vite.config.ts", "vite.preload.config.ts"]) {
    const args = [vite, "build", "--config", config, "--outDir", dist, "--logLevel", "error"];
    // oxlint-disable-next-line no-await-in-loop -- the first empties the folder
    await promisify(execFile)(process.execPath, args, { cwd: root });
  }
  writePage(join(dist, "renderer"));
  const env = { ...process.env, LIFEBOAT_HOME: home };
  const child = fork(join(root, "test/helpers/electron-process.mjs"), [dist], { cwd: folder, env, execArgv: [] });
  const play = await openChannel(child);
  return {
    folder,
    home,
    play,
    stop() {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page as the bundle is laid out, and things beside it that must never be served. */
function writePage(folder: string): void {
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Lifeboat</title>");
  writeFileSync(join(folder, "assets/index-1a2b3c.js"), "export {};");
  writeFileSync(join(folder, "notes.txt"), "of an unknown type");
  writeFileSync(join(folder, ".hidden.js"), "hidden");
  symlinkSync("../main.js", join(folder, "linked.js"));
}

async function openChannel(child: ChildProcess): Promise<ElectronWindow["play"]> {
  const waiting = new Map<number, { readonly give: (value: unknown) => void; readonly fail: (error: Error) => void }>();
  let last = 0;
  const here = wait(0);
  child.on("message", ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.give(value);
    else one?.fail(new Error(error));
  });
  child.on("exit", (code) => {
    for (const { fail } of waiting.values()) fail(new Error(`the process ended with ${code}`));
  });

  function wait(id: number): Promise<unknown> {
    return new Promise((give, fail) => waiting.set(id, { give, fail }));
  }

  await here;
  return async <Value>(step: string, ...args: readonly unknown[]) => {
    const id = ++last;
    child.send({ id, step, args });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the step gives what its caller knows of it
    return (await wait(id)) as Value;
  };
}
