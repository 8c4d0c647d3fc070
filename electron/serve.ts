import { createApp } from "./app.ts";
import type { Home } from "./home.ts";
import { startHttpHost } from "./host/http-host.ts";
import { openBrowser } from "./host/open-browser.ts";
import { findRenderer } from "./host/renderer-folder.ts";

export interface ServeOptions {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** Left out: any free one. */
  readonly port?: number;
  /** The window's bundle; left out: the one beside the built code. */
  readonly rendererFolder?: string;
  /** Open a browser, where there is one. */
  readonly open?: boolean;
}

/** The app in a browser, running. */
export interface Serving {
  readonly port: number;
  newAddress(): string;
  readonly runningJobs: number;
  /** Where a damaged list of jobs was moved to; null as a rule. */
  readonly setAside: string | null;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Builds the app and serves it on 127.0.0.1.
 * @throws storage.notFound where the window was not built, storage.failed for a port that is taken, job.store*
 */
export async function startServing({ home, env, port, open, ...options }: ServeOptions): Promise<Serving> {
  const rendererFolder = options.rendererFolder ?? findRenderer();
  const app = await createApp({ home, env, native: null });
  try {
    const host = await startHttpHost({ app, rendererFolder, ...(port === undefined ? {} : { port }) });
    if (open === true) await openBrowser(host, home, env);
    return {
      port: host.port,
      newAddress: () => host.newAddress(),
      get runningJobs() {
        return app.runningJobs;
      },
      setAside: app.setAside,
      idle: () => app.idle(),
      async close() {
        await host.close();
        app.cancelJobs();
        await app.idle();
        app.close();
      },
    };
  } catch (error) {
    app.close();
    throw error;
  }
}
