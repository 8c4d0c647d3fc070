import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";
import { whyNoElectron } from "./test/e2e/support/electron-app.ts";
import type { WindowOptions } from "./test/e2e/support/fixtures.ts";

/** Debian's Chromium where it is installed, else the one Playwright brings. */
const chromium = ["/usr/bin/chromium"].find((path) => existsSync(path));

const missing = whyNoElectron();

/** Stories that need nothing of a browser: no second tab, no address, no file picked in the page. */
const storiesOfBoth =
  /\/(?:database|found-server|hostile-names|keyboard|large-archive|ssh-tunnel|wrong-password)\.spec\.ts$/;

/** The window in real Chromium over the browser host, and in Electron's own where it can run; one test after another, since each has a host and servers of its own. */
export default defineConfig<WindowOptions>({
  testDir: "test/e2e",
  testMatch: "*.spec.ts",
  projects: [
    { name: "browser", use: { face: "browser" } },
    {
      name: missing === null ? "electron" : `electron, skipped: ${missing}`,
      use: { face: "electron" },
      testMatch: storiesOfBoth,
    },
  ],
  outputDir: "test-artefacts/e2e",
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env["CI"] === "true",
  // A shared machine stalls now and then; a test that needed a second try is reported as flaky.
  retries: process.env["CI"] === "true" ? 2 : 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: process.env["CI"] === "true" ? [["line"]] : [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    actionTimeout: 15_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: chromium === undefined ? {} : { executablePath: chromium },
  },
});
