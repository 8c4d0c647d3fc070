import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backupLocations } from "../../../electron/backup/backup-locations.ts";
import { locateHome } from "../../../electron/home.ts";
import { openJobManager } from "../../../electron/jobs/job-manager.ts";

test("a folder that backups went to is remembered, however many jobs came after", async () => {
  const root = await mkdtemp(join(tmpdir(), "lifeboat-locations-"));
  try {
    const home = locateHome({ LIFEBOAT_HOME: root });
    const jobs = await openJobManager(home);
    const run = (kind: "backup" | "verify", request: unknown) =>
      jobs.run({ kind, title: kind, request, locks: [] }, async () => ({ state: "succeeded", result: null }));
    await run("backup", { locations: ["/mnt/backups"] });
    for (let after = 0; after < 120; after++) await run("verify", {});
    jobs.close();
    expect(await backupLocations(home)).toEqual([home.backupsFolder, "/mnt/backups"]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
