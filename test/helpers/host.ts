import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, locateHome } from "../../electron/home.ts";
import { startServing } from "../../electron/serve.ts";

/** A browser host in this process, with a home of its own. */
export interface TestHost {
  /** `http://127.0.0.1:PORT/#code=…`, once, within a minute. */
  readonly url: string;
  /** Another one: a second window, or a later test step. */
  freshUrl(): string;
  readonly port: number;
  readonly home: Home;
  /** Cancels what runs, ends the host, and removes the home where it was made here. */
  stop(): Promise<void>;
}

/**
 * Starts a host that serves dist/renderer; build it before with `vite build --config vite.renderer.config.ts`.
 * @param options.home a LIFEBOAT_HOME to use and keep; left out: a fresh one
 * @param options.env added to this process's own environment
 */
export async function startHost(
  options: {
    readonly home?: string;
    readonly env?: Record<string, string>;
    readonly port?: number;
    readonly rendererFolder?: string;
  } = {},
): Promise<TestHost> {
  const root = options.home ?? mkdtempSync(join(tmpdir(), "lifeboat-host-"));
  const env = { ...withoutConnections(process.env), ...options.env, LIFEBOAT_HOME: root };
  const home = locateHome(env);
  const { port, rendererFolder } = options;
  const serving = await startServing({
    home,
    env,
    ...(port === undefined ? {} : { port }),
    ...(rendererFolder === undefined ? {} : { rendererFolder }),
  });
  return {
    url: serving.newAddress(),
    freshUrl: () => serving.newAddress(),
    port: serving.port,
    home,
    async stop() {
      await serving.close();
      if (options.home === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What a developer's own shell names is no test's business. */
function withoutConnections(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PG") && name !== "DATABASE_URL"));
}
