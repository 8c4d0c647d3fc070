import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import { manifestDigest, writeProof } from "../../electron/storage/backup-proofs.ts";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw } from "../helpers/rgw.ts";
import { hasSshd, sshdRemedy, startSshd } from "../helpers/sshd.ts";
import { copyInto, putBackup } from "../helpers/stored-backup.ts";
import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { type Lifeboat, startLifeboat } from "./support/lifeboat.ts";
import { lookAt } from "./support/look-at.ts";
import { seedShop } from "./support/shop.ts";
import { watchPage } from "./support/watch-page.ts";

const rgwRun = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const sshRun = requirement("OpenSSH's server", hasSshd(), sshdRemedy);

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Checks of this backup" });
const archiveAt = (path: string) => `#/archive?path=${encodeURIComponent(path)}`;

async function backUp(lifeboat: Lifeboat, url: string): Promise<{ path: string; manifest: string; id: string }> {
  const { code, stderr } = await lifeboat.run("backup", "--url", url, "--quiet");
  expect(code, stderr).toBe(0);
  const [backup] = await lifeboat.backups();
  if (backup === undefined) throw new Error("no backup was made");
  return { path: backup.path, manifest: backup.path.replace(/\.dump$/, ".manifest.json"), id: backup.id };
}

/** As another machine leaves it beside a backup. */
async function leaveCheck(
  { manifest, id }: { manifest: string; id: string },
  found: { at: string; machine: string; outcome: "good" | "partly" | "bad"; level?: "checksum" | "restore" },
): Promise<string> {
  const subject = { id, digest: manifestDigest(readFileSync(manifest)), recipients: [] };
  const error =
    found.outcome === "bad" ? { code: "verify.checksumMismatch", message: "part 3 is not what was written" } : null;
  const said = { level: "checksum", tables: null, rows: null, error, lifeboatVersion: "0.1.0", ...found } as const;
  return writeProof(createLocalStorage(dirname(manifest)), basename(manifest), subject, said, undefined);
}

test("a backup tells when it was checked, where and what was found; by keyboard too", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "ledger");
  const backup = await backUp(lifeboat, server.url("ledger"));
  const { page } = window;
  await goTo(page, archiveAt(backup.path));
  const opener = page.getByRole("button", { name: /Not verified.*checks/ });
  await opener.press("Enter");
  const dialog = dialogOf(page);
  await expect(dialog.getByText("Never checked")).toBeVisible();
  await lookAt(page, "checks-empty");

  // Checked from here.
  await dialog.getByRole("button", { name: "Verify now" }).press("Enter");
  const row = dialog.getByRole("row").filter({ hasText: hostname() });
  await expect(row).toContainText("Every row", { timeout: 60_000 });
  await expect(row).toContainText("Good");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  const known = page.getByRole("button", { name: /Verified.*1 check/ });
  await expect(known).toBeFocused();

  // What other machines leave there, and what is none.
  await leaveCheck(backup, { at: "2026-10-01T02:00:00Z", machine: "nas\u202E", outcome: "partly", level: "restore" });
  await leaveCheck(backup, { at: "2026-11-02T02:00:00Z", machine: "backup-checker", outcome: "bad" });
  const stray = await leaveCheck(backup, { at: "2026-11-03T02:00:00Z", machine: "x", outcome: "good" });
  writeFileSync(join(dirname(backup.manifest), stray), "{");
  await known.click();
  await expect(dialog.getByRole("row")).toHaveCount(4);
  await expect(dialog.getByText("part 3 is not what was written")).toBeVisible();
  await expect(dialog.getByRole("row").nth(3)).toContainText("Good as far as it went");
  await dialog.getByText("1 file beside the backup counts for nothing").click();
  await expect(dialog.getByText("it cannot be read")).toBeVisible();
  await lookAt(page, "checks");
  await dialog.getByRole("button", { name: "Close" }).first().click();

  // From the list; and where it cannot be told.
  writeFileSync(backup.manifest, `${readFileSync(backup.manifest, "utf8")}\n`);
  await goTo(page, "#/backups");
  await page
    .getByRole("table", { name: "ledger" })
    .getByRole("button", { name: /^More for/ })
    .click();
  await page.getByRole("menuitem", { name: "Checks of this backup…" }).click();
  await expect(dialog.getByText("Never checked")).toBeVisible();
  await expect(dialog.getByText("4 files beside the backup count for nothing")).toBeVisible();
  // The one of this machine is among those that are told.
  await expect(dialog.getByText(/is not among these/)).toBeHidden();
  await page.keyboard.press("Escape");
  const folder = dirname(backup.manifest);
  for (const name of readdirSync(folder)) if (name.includes(".proof.")) rmSync(join(folder, name));
  await page.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Checks of this backup…" }).click();
  await expect(dialog.getByText(/is not among these/)).toBeVisible();
  await page.keyboard.press("Escape");
  writeFileSync(backup.manifest, "{");
  await page.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Checks of this backup…" }).click();
  await expect(dialog.getByRole("alert")).toContainText("is not readable as JSON");
  await lookAt(page, "checks-error");
});

test("a backup that is gone without a word is told where it would stand", async ({ lifeboat, openWindow }) => {
  const storage = createLocalStorage(lifeboat.backupsFolder);
  mkdirSync(lifeboat.backupsFolder, { recursive: true });
  const previousIn = await storage.identify();
  const ids: string[] = [];
  for (const day of ["17", "18", "19", "20"]) {
    const before = ids.at(-1);
    const changes = before === undefined ? { previousId: null } : { previousId: before, previousIn };
    // oxlint-disable-next-line no-await-in-loop -- each names the one before
    ids.push((await putBackup(storage, `2026-11-${day}T02:00:00Z`, { changes })).id);
  }
  const folder = join(lifeboat.backupsFolder, "shop");
  for (const name of readdirSync(folder)) if (name.includes("20261118")) rmSync(join(folder, name));
  const { page } = await openWindow("#/backups");
  const gap = page.getByRole("row", { name: /^The backup before this one is missing: Wed 18 Nov 2026, 02:00/ });
  await expect(gap).toBeVisible();
  await expect(page.getByText(/before this one is missing/)).toHaveCount(1);
  const rows = await page.getByRole("table", { name: "shop" }).getByRole("row").allInnerTexts();
  expect(rows.map((text) => /17 Nov|19 Nov|20 Nov|missing/.exec(text)?.[0])).toEqual([
    "20 Nov",
    "19 Nov",
    "missing",
    "17 Nov",
  ]);
  await lookAt(page, "backups-gap");
});

test("a backup in a bucket that is no saved storage, and one on an SFTP server, tell their checks", async ({
  lifeboat,
  server,
  browser,
}) => {
  test.skip(rgwRun !== "run", rgwRun);
  test.skip(sshRun !== "run", sshRun);
  test.setTimeout(240_000);
  const [rgw, sshd] = await Promise.all([startRgw(), startSshd()]);
  let other: Lifeboat | null = null;
  try {
    await seedShop(server, "parcels");
    const backup = await backUp(lifeboat, server.url("parcels"));
    await leaveCheck(backup, { at: "2026-11-02T02:00:00Z", machine: "backup-checker", outcome: "good" });
    await makeBucket(rgw, "checked");
    const bucket = await openBucket(rgw, "checked", "db");
    const inBucket = await copyInto(bucket, backup.manifest);
    await bucket.close();

    // A machine that knows nothing but the bucket's keys.
    other = await startLifeboat(rgw.env);
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    const page = await context.newPage();
    const watch = await watchPage(page);
    await page.goto(await other.newAddress());
    await page.getByRole("heading", { level: 1 }).waitFor();
    await goTo(page, archiveAt(inBucket));
    const opener = page.getByRole("button", { name: /Checksums match.*1 check/ });
    await expect(opener).toBeVisible({ timeout: 30_000 });
    expect(await other.run("storages")).toMatchObject({ stdout: expect.not.stringContaining("checked") });
    await opener.click();
    const dialog = dialogOf(page);
    await expect(dialog.getByRole("row").filter({ hasText: "backup-checker" })).toContainText("Good");
    await lookAt(page, "checks-bucket");
    await page.keyboard.press("Escape");

    // A folder on a server, as a saved storage: from its list.
    const keyFile = join(other.user, "key");
    copyFileSync(sshd.keyFile, keyFile);
    const place = `sftp://${sshd.user}@127.0.0.1:${sshd.port}${join(sshd.folder, "backups")}`;
    expect(await other.run("storages", "add", "nas", place, "--key-file", keyFile)).toMatchObject({ code: 0 });
    expect(await other.run("storages", "trust", "nas", "--fingerprint", sshd.fingerprint())).toMatchObject({ code: 0 });
    expect(await other.run("copy", inBucket, "--to", "nas", "--quiet")).toMatchObject({ code: 0 });
    await goTo(page, "#/storage?name=nas");
    await page.reload();
    const table = page.getByRole("table", { name: "parcels" });
    await expect(table.getByText("Checksums match")).toBeVisible({ timeout: 30_000 });
    await table.getByRole("button", { name: /^More for/ }).click();
    await page.getByRole("menuitem", { name: "Checks of this backup…" }).click();
    await dialog.getByRole("button", { name: "Verify now" }).click();
    await expect(dialog.getByRole("row").filter({ hasText: hostname() })).toContainText("Every row", {
      timeout: 60_000,
    });
    await expect(dialog.getByRole("row")).toHaveCount(3);
    const stored = join(sshd.folder, "backups", "parcels");
    await eventually(
      async () => readdirSync(stored).filter((name) => name.includes(".proof.")),
      (names) => expect(names).toHaveLength(2),
    );
    expect(watch.complaints).toEqual([]);
    await context.close();
  } finally {
    await other?.remove();
    await Promise.all([rgw.stop(), sshd.stop()]);
  }
});
