import { test as base, expect, type Page } from "@playwright/test";
import { type ServerOptions, startServer, type TestServer } from "../../helpers/servers.ts";
import { startElectron, whyNoElectron } from "./electron-app.ts";
import { type Lifeboat, startLifeboat } from "./lifeboat.ts";
import { type PageWatch, watchPage } from "./watch-page.ts";

interface Window {
  readonly page: Page;
  /** Lets the page say something that would fail the test otherwise. */
  readonly allow: (pattern: RegExp) => void;
}

/** What a project of playwright.config.ts sets. */
export interface WindowOptions {
  /** Whose window the specs are told in. */
  readonly face: "browser" | "electron";
}

interface TestFixtures extends WindowOptions {
  /** A fresh home and its host. */
  readonly lifeboat: Lifeboat;
  /** What the host sees beside PATH and HOME; set with test.use. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Opens a window on the host; what it complains of fails the test. */
  readonly openWindow: (place?: string) => Promise<Window>;
  /** The first window, opened. */
  readonly window: Window;
}

interface WorkerFixtures {
  /** A server without a password, shared by the tests of a file: each makes databases of its own. */
  readonly server: TestServer;
  /** A server that asks for `oar-and-sail`. */
  readonly lockedServer: TestServer;
}

export const lockedPassword = "oar-and-sail";

export const test = base.extend<TestFixtures, WorkerFixtures>({
  hostEnv: [{}, { option: true }],
  face: ["browser", { option: true }],
  lifeboat: async ({ hostEnv, face }, use) => {
    const missing = face === "electron" ? whyNoElectron() : null;
    test.skip(missing !== null, missing ?? "");
    const lifeboat = await startLifeboat(hostEnv, face === "browser" ? "browser" : "none");
    await use(lifeboat);
    await lifeboat.remove();
  },
  openWindow: async ({ lifeboat, face, context }, use) => {
    const watches: PageWatch[] = [];
    const closings: (() => Promise<void>)[] = [];
    await use(async (place) => {
      const electron = face === "electron" ? await startElectron(lifeboat.surroundings) : null;
      if (electron !== null) closings.push(electron.close);
      const page = electron?.page ?? (await context.newPage());
      const watch = await watchPage(page);
      watches.push(watch);
      if (electron === null) await page.goto(await lifeboat.newAddress());
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (place !== undefined) await goTo(page, place);
      return { page, allow: (pattern) => watch.allow(pattern) };
    });
    for (const close of closings) await close();
    expect(watches.flatMap(({ complaints }) => complaints)).toEqual([]);
  },
  window: async ({ openWindow }, use) => {
    await use(await openWindow());
  },
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern
    async ({}, use) => useServer({}, use),
    { scope: "worker" },
  ],
  lockedServer: [
    // oxlint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => useServer({ password: lockedPassword }, use),
    { scope: "worker" },
  ],
});

async function useServer(options: ServerOptions, use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startServer(15, options);
  await use(server);
  await server.stop();
}

/** Goes to a place of the window by its address, `#/settings`, as a link does. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, place);
}

/** Waits until stored state is as it should be; the window is not asked. */
export async function eventually<T>(ask: () => Promise<T>, check: (value: T) => void, timeout = 30_000): Promise<void> {
  await expect(async () => check(await ask())).toPass({ timeout, intervals: [200, 300, 500] });
}

export { expect };
