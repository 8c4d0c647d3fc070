import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bigDatabase } from "../helpers/seed.ts";
import type { TestServer } from "../helpers/servers.ts";
import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import type { Lifeboat } from "./support/lifeboat.ts";

const database = "big_for_windows";
const sizeMb = 260;

test.beforeAll(async ({ server }) => {
  test.setTimeout(120_000);
  await bigDatabase(server, sizeMb, database);
});

async function addProfile(lifeboat: Lifeboat, server: TestServer): Promise<void> {
  const url = server.url(database);
  const added = await lifeboat.run("profiles", "add", "big", "--url", url, "--password-from", "none");
  expect(added.code, added.stderr).toBe(0);
}

/** Bytes of what is being written. */
function partialBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("partial"));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}

test("a backup that is cancelled midway leaves no file and says so", async ({ lifeboat, server, openWindow }) => {
  await addProfile(lifeboat, server);
  const { page } = await openWindow("#/database?name=big");
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("button", { name: "Watch it" }).click();
  await eventually(
    () => Promise.resolve(partialBytes(lifeboat.backupsFolder)),
    (bytes) => expect(bytes).toBeGreaterThan(100_000),
  );
  await expect(page.getByRole("progressbar").first()).toBeVisible();

  await page.getByRole("main").getByRole("button", { name: "Cancel" }).first().click();
  await eventually(lifeboat.jobs, ([job]) => expect(job).toMatchObject({ kind: "backup", state: "cancelled" }));
  await expect(page.getByText("Cancelled").first()).toBeVisible();
  expect(filesIn(lifeboat.backupsFolder)).toEqual([]);
  expect(await lifeboat.backups()).toEqual([]);
});

test("a job whose host was killed is shown as interrupted, and nothing half-written counts", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  await addProfile(lifeboat, server);
  const { page, allow } = await openWindow("#/database?name=big");
  await page.getByRole("button", { name: "Back up now" }).click();
  await eventually(
    () => Promise.resolve(partialBytes(lifeboat.backupsFolder)),
    (bytes) => expect(bytes).toBeGreaterThan(100_000),
  );

  allow(/WebSocket|ERR_CONNECTION_REFUSED/);
  await lifeboat.end("kill");
  await expect(page.getByText("The connection to Lifeboat broke")).toBeVisible();
  await lifeboat.start();

  const again = await openWindow("#/activity");
  await expect(again.page.getByText("Interrupted").first()).toBeVisible();
  expect(await lifeboat.jobs()).toMatchObject([{ kind: "backup", state: "interrupted" }]);
  expect(await lifeboat.backups()).toEqual([]);
  await goTo(again.page, "#/");
  await expect(again.page.getByRole("article", { name: "big" }).getByText("Last try failed")).toBeVisible();
});
