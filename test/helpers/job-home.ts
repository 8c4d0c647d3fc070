import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Home, locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";

/** A home of its own for one test, removed after it. */
export function temporaryHome(): Home {
  const root = mkdtempSync(join(tmpdir(), "lifeboat-home-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return locateHome({ LIFEBOAT_HOME: root });
}

/** A job manager on a home, closed after the test. */
export async function openManager(home: Home): Promise<JobManager> {
  const manager = await openJobManager(home);
  onTestFinished(() => manager.close());
  return manager;
}

/** Waits until a condition holds; fails after the limit. */
export async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("what was waited for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
