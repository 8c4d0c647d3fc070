import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { piecesOf } from "../../electron/storage/storage.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { startColdBucket } from "../helpers/glacier.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { hasSshd, sshdRemedy, startSshd } from "../helpers/sshd.ts";
import { copyInto, putBackup } from "../helpers/stored-backup.ts";
import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { startLifeboat } from "./support/lifeboat.ts";
import { lookAt } from "./support/look-at.ts";
import { seedShop } from "./support/shop.ts";
import { watchPage } from "./support/watch-page.ts";

const sshRun = requirement("OpenSSH's server", hasSshd(), sshdRemedy);
const run = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
test.skip(run !== "run", run);

let rgw: TestRgw;
test.beforeAll(async () => {
  rgw = await startRgw();
});
test.afterAll(async () => {
  await rgw.stop();
});

const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

/** Fills in a bucket of the test's server, as a person does. */
async function fillIn(page: Page, bucket: string, prefix: string, name: string, secret: string): Promise<void> {
  await page.getByRole("radio", { name: "Ceph" }).click();
  await field(page, "Bucket").fill(bucket);
  await field(page, "Folder in it").fill(prefix);
  await field(page, "Address of the service").fill(rgw.endpoint);
  await field(page, "Name in Lifeboat").fill(name);
  await field(page, "Access key ID").fill(rgw.accessKeyId);
  await page.getByLabel("Secret key").fill(secret);
}

test("a bucket is added after a test that failed first, looked through, cleaned up", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  test.setTimeout(300_000);
  await makeBucket(rgw, "window");
  await seedShop(server, "shop");
  await lifeboat.run("profiles", "add", "shop", "--url", server.url("shop"), "--password-from", "none");
  expect((await lifeboat.run("backup", "--profile", "shop", "--quiet")).code).toBe(0);
  const bucket = await openBucket(rgw, "window", "db");
  const now = Date.now();
  for (let day = 1; day <= 40; day += 1)
    // oxlint-disable-next-line no-await-in-loop -- small, and a bucket is quick
    await putBackup(bucket, new Date(now - day * 86_400_000).toISOString(), { database: "billing" });
  await bucket.write("billing/notes.txt", piecesOf("somebody else's"));

  const { page } = await openWindow("#/storage");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("This is needed.").first()).toBeVisible();
  await fillIn(page, "window", "db", "offsite", "not-the-right-secret");
  await lookAt(page, "storage-add");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("It does not work yet")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("listitem").filter({ hasText: "Log in" })).toContainText("failed");
  await lookAt(page, "storage-test-failed");
  await page.getByLabel("Secret key").fill(rgw.secretAccessKey);
  await page.getByRole("button", { name: "Test again" }).click();
  await expect(page.getByText("Everything works")).toBeVisible({ timeout: 60_000 });
  await lookAt(page, "storage-tested");
  await page.getByRole("button", { name: "Save the storage" }).click();

  // What lies there, as backups.
  await expect(page.getByRole("heading", { level: 1, name: "offsite" })).toBeVisible();
  await expect(page.getByRole("table", { name: "billing" })).toBeVisible({ timeout: 30_000 });

  // A backup of this computer goes up.
  const shop = page.getByRole("table", { name: "shop" });
  await goTo(page, "#/backups");
  await shop.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Copy to other places…" }).click();
  await page
    .getByRole("dialog")
    .getByRole("checkbox", { name: /offsite/ })
    .click();
  await lookAt(page, "backup-copy");
  await page.getByRole("button", { name: "Copy it" }).click();
  await eventually(lifeboat.jobs, (jobs) => expect(jobs[0]).toMatchObject({ kind: "copy", state: "succeeded" }));
  await goTo(page, "#/storage?name=offsite");
  await expect(shop).toBeVisible();
  await lookAt(page, "storage-backups");
  expect(await page.content()).not.toContain(rgw.secretAccessKey);

  // Pinned for every machine.
  await shop.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: /^Pin/ }).click();
  await expect(shop.getByText("Pinned")).toBeVisible();
  const pins = async () => {
    const found: string[] = [];
    for await (const { path } of bucket.list("", { recursive: true })) if (path.endsWith(".pin")) found.push(path);
    return found;
  };
  await eventually(pins, (found) => expect(found).toHaveLength(1));

  // As files.
  await page.getByRole("tab", { name: "Files" }).click();
  await page.getByRole("link", { name: "billing" }).click();
  await expect(page.getByRole("row").filter({ hasText: "notes.txt" })).toContainText("Of another tool");
  await lookAt(page, "storage-files");

  await page.getByRole("tab", { name: "Usage" }).click();
  await expect(page.getByText("By database")).toBeVisible();
  await lookAt(page, "storage-usage");

  // One deleted, with a look at it before.
  await page.getByRole("tab", { name: "Backups" }).click();
  const billing = page.getByRole("table", { name: "billing" });
  await billing
    .getByRole("button", { name: /^More for/ })
    .nth(1)
    .click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/39 other backups of the same stay/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Delete it" })).toBeDisabled();
  await lookAt(page, "storage-delete");
  await dialog.getByRole("checkbox").click();
  await dialog.getByRole("button", { name: "Delete it" }).click();
  // A toast is a dialog too to those who listen.
  await expect(page.getByRole("dialog", { name: /^Delete this backup/ })).toBeHidden({ timeout: 30_000 });

  // A policy, seen before it does anything.
  await page.getByRole("tab", { name: "Clean-up" }).click();
  await field(page, "Keep").fill("for ever");
  await expect(page.getByText(/not understood/)).toBeVisible();
  await field(page, "Keep").fill("7 daily, 4 weekly");
  await expect(page.getByRole("button", { name: /^Delete \d+ backups…/ })).toBeVisible();
  await lookAt(page, "storage-clean-up");
  await page.getByRole("button", { name: "Remember this" }).click();
  await page.getByRole("button", { name: /^Delete \d+ backups…/ }).click();
  const pruning = page.getByRole("dialog", { name: /^Delete \d+ backups from/ });
  await pruning.getByRole("textbox").fill("offsite");
  await pruning.getByRole("button", { name: "Delete them" }).click();
  await eventually(lifeboat.jobs, (jobs) => expect(jobs[0]).toMatchObject({ kind: "prune", state: "succeeded" }));
  await expect(page.getByText(/^All \d+ stay\.$/)).toBeVisible();

  // Looked into and restored, reading the bucket alone.
  await goTo(page, "#/storage?name=offsite");
  await shop.getByRole("button", { name: "Look inside" }).click();
  await page.getByRole("treeitem", { name: /^orders/ }).click();
  await page.getByRole("gridcell").first().waitFor();
  await lookAt(page, "archive-stored");
  await bucket.close();
});

test("a file of another tool goes up and comes down as it is; what is missing in another place goes over", async ({
  lifeboat,
  openWindow,
}) => {
  test.setTimeout(180_000);
  await makeBucket(rgw, "exchange");
  const bucket = await openBucket(rgw, "exchange", "db");
  const made = await putBackup(bucket, "2026-11-20T02:00:00Z", { database: "billing" });
  const { page } = await openWindow("#/storage");
  await fillIn(page, "exchange", "db", "exchange", rgw.secretAccessKey);
  await page.getByRole("button", { name: "Save the storage" }).click();
  await page.getByRole("tab", { name: "Files" }).click();
  writeFileSync(join(lifeboat.user, "old.dump"), "PGDMP, and nothing more");
  await page.getByRole("button", { name: "Upload a file…" }).click();
  const dialog = page.getByRole("dialog");
  const goHome = async () => {
    await dialog.getByRole("combobox", { name: "Places" }).click();
    await page.getByRole("option", { name: "Home" }).click();
  };
  await goHome();
  await dialog.getByText("old.dump").dblclick();
  await eventually(lifeboat.jobs, (jobs) => expect(jobs[0]).toMatchObject({ kind: "transfer", state: "succeeded" }));
  await goTo(page, "#/storage?name=exchange");
  await page.getByRole("tab", { name: "Files" }).click();
  await expect(page.getByRole("row").filter({ hasText: "old.dump" })).toBeVisible();
  await lookAt(page, "storage-transfer");
  rmSync(join(lifeboat.user, "old.dump"));
  await page.getByRole("button", { name: "Download old.dump" }).click();
  await goHome();
  await dialog.getByRole("button", { name: "Choose this folder" }).click();
  await eventually(
    async () => existsSync(join(lifeboat.user, "old.dump")),
    (isThere) => expect(isThere).toBe(true),
  );

  await page.getByRole("button", { name: "Mirror…" }).click();
  await page.getByRole("combobox", { name: "To", exact: true }).click();
  await page.getByRole("option", { name: "This computer" }).click();
  await lookAt(page, "storage-mirror");
  await page.getByRole("button", { name: "Mirror them" }).click();
  await eventually(lifeboat.jobs, (jobs) => expect(jobs[0]).toMatchObject({ kind: "mirror", state: "succeeded" }));
  await eventually(lifeboat.backups, (backups) => expect(backups.map(({ id }) => id)).toEqual([made.id]));
  await goTo(page, `#/activity`);
  await page.getByRole("row").filter({ hasText: "Mirror" }).first().click();
  await expect(page.getByText(/1 backup copied/)).toBeVisible();
  await bucket.close();
});

test("an SFTP server's key is looked at and trusted; its rate, a bucket's class and encryption are kept", async ({
  lifeboat,
  openWindow,
}) => {
  test.skip(sshRun !== "run", sshRun);
  test.setTimeout(120_000);
  const sshd = await startSshd();
  try {
    const keyFile = join(lifeboat.user, "key");
    copyFileSync(sshd.keyFile, keyFile);
    const { page } = await openWindow("#/storage");
    await page.getByRole("radio", { name: "SSH (SFTP)" }).click();
    await field(page, "Host").fill("127.0.0.1");
    await field(page, "Port").fill(String(sshd.port));
    await field(page, "User").fill(sshd.user);
    await field(page, "Folder there").fill(join(sshd.folder, "backups"));
    await field(page, "Name in Lifeboat").fill("nas");
    await page.getByRole("radio", { name: "With a private key" }).click();
    await field(page, "Private key").fill(keyFile);
    await page.getByText("Further settings").click();
    await field(page, "No faster than").fill("40MB/s");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    const question = page.getByRole("dialog", { name: `Is this 127.0.0.1:${sshd.port}?` });
    await expect(question.getByText(sshd.fingerprint())).toBeVisible();
    await question.getByRole("button", { name: "Don’t trust it" }).click();
    await expect(page.getByText("It does not work yet")).toBeVisible();
    await page.getByRole("button", { name: "Test again" }).click();
    await question.getByRole("button", { name: "Trust it", exact: true }).click();
    await expect(page.getByText(/^(Everything works|It works, with a limit)$/)).toBeVisible({ timeout: 60_000 });
    await lookAt(page, "storage-sftp");
    await page.getByRole("button", { name: "Save the storage" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "nas" })).toBeVisible();

    // Somebody in between, or a new key: no way on from here.
    await sshd.changeHostKeys();
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(page.getByText(/shows another key than the one that is known/).first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Trust it" })).toBeHidden();

    await goTo(page, "#/storage");
    await fillIn(page, "window", "class", "cold", rgw.secretAccessKey);
    await page.getByText("Further settings").click();
    await page.getByRole("combobox", { name: "Storage class of the data" }).click();
    await page.getByRole("option", { name: /^GLACIER_IR/ }).click();
    await page.getByRole("combobox", { name: "Encryption by the storage" }).click();
    await page.getByRole("option", { name: "with its key service" }).click();
    await field(page, "Key of the key service").fill("backups");
    await lookAt(page, "storage-further");
    await page.getByRole("button", { name: "Save the storage" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "cold" })).toBeVisible();
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("cold is saved").first()).toBeVisible();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the file's own shape, held by its tests
    const saved = JSON.parse(readFileSync(join(lifeboat.home, "storages.json"), "utf8")) as { storages: unknown };
    expect(saved.storages).toMatchObject([
      {
        name: "cold",
        settings: { storageClass: "GLACIER_IR", serverSideEncryption: { method: "aws:kms", keyId: "backups" } },
      },
      { name: "nas", settings: { maxBytesPerSecond: 40_000_000, authentication: "key" } },
    ]);
  } finally {
    await sshd.stop();
  }
});

test("a bucket with Object Lock: backups are held, and it says until when", async ({ openWindow }) => {
  test.setTimeout(180_000);
  await makeBucket(rgw, "vault", true);
  const bucket = await openBucket(rgw, "vault", "db", { lock: { days: 2, mode: "GOVERNANCE" } });
  await putBackup(bucket, "2026-11-20T02:00:00Z", { database: "billing" });
  await bucket.close();
  const { page } = await openWindow("#/storage");
  await fillIn(page, "vault", "db", "vault", rgw.secretAccessKey);
  await page.getByText("Further settings").click();
  await field(page, "Lock each backup for days").fill("0");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("A whole number of days")).toBeVisible();
  await field(page, "Lock each backup for days").fill("2");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("Object Lock is on")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("listitem").filter({ hasText: "Lock" })).toContainText("GOVERNANCE, 2 days");
  await lookAt(page, "storage-lock");
  await page.getByRole("button", { name: "Save the storage" }).click();
  const billing = page.getByRole("table", { name: "billing" });
  await expect(billing.getByText(/^Locked until/)).toBeVisible({ timeout: 30_000 });
  await lookAt(page, "storage-locked");
  await billing.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/^It cannot go: it is locked until/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Delete it" })).toBeDisabled();
});

test("an archive in an archive class is shown as that, and thawed", async ({ openWindow }) => {
  const path = "shop/shop_20261120T020000Z.dump";
  const cold = await startColdBucket(new Map([[path, Buffer.from("PGDMP")]]), () => false);
  try {
    const { page } = await openWindow("#/storage");
    await fillIn(page, "cold", "", "cold", "secret");
    await field(page, "Address of the service").fill(cold.endpoint);
    await page.getByRole("button", { name: "Save the storage" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "cold" })).toBeVisible();
    await goTo(page, `#/archive?path=${encodeURIComponent(`s3://cold/${path}`)}`);
    await expect(page.getByText(/has to be thawed before it can be read/)).toBeVisible();
    await lookAt(page, "archive-frozen");
    await page.getByRole("combobox", { name: "How fast" }).click();
    await page.getByRole("option", { name: /^Bulk/ }).click();
    await page.getByRole("button", { name: "Thaw it" }).click();
    await expect(page.getByText("It is being thawed")).toBeVisible();
    expect(cold.objects.get(path)?.asked).toEqual({ days: 7, tier: "Bulk" });
    const object = cold.objects.get(path);
    if (object !== undefined) object.state = "ready";
    await page.getByRole("button", { name: "Look again" }).click();
    await expect(page.getByText(/^It can be read until/)).toBeVisible();
  } finally {
    await cold.close();
  }
});

test("an encrypted database counts once its kit was tried; another machine opens it with bucket and kit alone", async ({
  lifeboat,
  server,
  openWindow,
  browser,
}) => {
  test.setTimeout(300_000);
  await makeBucket(rgw, "kits");
  await seedShop(server, "vault");
  await lifeboat.run("profiles", "add", "vault", "--url", server.url("vault"), "--password-from", "none");
  const passphrase = "four words nobody guesses";

  // A key, made here; its kit is put off.
  const { page } = await openWindow("#/keys");
  await page.getByRole("button", { name: "Make a key…" }).click();
  const dialog = page.getByRole("dialog");
  await field(page, "Name of the key").fill("vault");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByRole("heading", { name: "Recovery kit of vault" })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("not tried yet")).toBeVisible();
  await lookAt(page, "keys");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the file's own shape, held by its tests
  const known = JSON.parse(readFileSync(join(lifeboat.home, "keys.json"), "utf8")) as {
    keys: { recipient: string }[];
  };
  const recipient = known.keys[0]?.recipient ?? "";
  const backedUp = await lifeboat.run("backup", "--profile", "vault", "--quiet", "--recipient", recipient);
  expect(backedUp.code, backedUp.stderr).toBe(0);

  // Home says that this does not protect it yet, and leads to what mends it.
  await goTo(page, "#/");
  await page.reload();
  await expect(page.getByRole("heading", { name: "vault is not safe" })).toBeVisible();
  await lookAt(page, "home-kit-not-tried");
  await page.getByRole("region", { name: "vault is not safe" }).getByRole("button", { name: "Recovery kit…" }).click();
  await page.getByRole("button", { name: "Make its recovery kit…" }).click();
  await dialog.getByLabel("Passphrase").fill(passphrase);
  await dialog.getByLabel("Once more").fill(passphrase);
  await field(page, "Into which folder").fill(lifeboat.user);
  await lookAt(page, "kit-make");
  await dialog.getByRole("button", { name: "Write the kit" }).click();
  await dialog.getByRole("button", { name: "Next: try it" }).click();
  const kit = join(lifeboat.user, "lifeboat-recovery-kit-vault.txt");
  await dialog.locator("input[type=file]").setInputFiles(kit);
  await dialog.getByLabel("Passphrase").fill("not the passphrase");
  await dialog.getByRole("button", { name: "Try it" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible({ timeout: 30_000 });
  await dialog.getByLabel("Passphrase").fill(passphrase);
  await lookAt(page, "kit-try");
  await dialog.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("heading", { name: "The kit works" })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Close" }).first().click();
  await goTo(page, "#/");
  await expect(page.getByRole("heading", { name: "vault is safe" })).toBeVisible();

  // From now on every backup of it is encrypted.
  await goTo(page, "#/database?name=vault");
  await page.getByRole("combobox", { name: "Encryption of the backups" }).click();
  await page.getByRole("option", { name: "For the key vault" }).click();
  await lookAt(page, "database-places");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("The next backup goes there")).toBeVisible();
  await page.getByRole("button", { name: "Back up now" }).click();
  await eventually(lifeboat.backups, (backups) => {
    expect(backups).toHaveLength(2);
    expect(backups.map(({ encryption }) => encryption?.recipients)).toEqual([[recipient], [recipient]]);
  });

  const bucket = await openBucket(rgw, "kits", "db");
  // oxlint-disable-next-line no-await-in-loop -- two
  for (const { path } of await lifeboat.backups())
    await copyInto(bucket, path.replace(/\.dump\.age$/, ".manifest.json"));
  await bucket.close();

  // A machine that has nothing.
  const other = await startLifeboat();
  try {
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    const elsewhere = await context.newPage();
    const watch = await watchPage(elsewhere);
    await elsewhere.goto(await other.newAddress());
    await elsewhere.getByRole("link", { name: "Open another machine's backups" }).click();
    await fillIn(elsewhere, "kits", "db", "offsite", rgw.secretAccessKey);
    await lookAt(elsewhere, "new-machine-storage");
    await elsewhere.getByRole("button", { name: "Save and look there" }).click();
    await expect(elsewhere.getByText("Key missing")).toBeVisible({ timeout: 30_000 });
    await lookAt(elsewhere, "new-machine-locked");
    await elsewhere.locator("input[type=file]").setInputFiles(kit);
    await elsewhere.getByLabel("Passphrase").fill(passphrase);
    await elsewhere.getByRole("button", { name: "Take it in" }).click();
    await expect(elsewhere.getByText("It opens 2 backups.")).toBeVisible({ timeout: 30_000 });
    await lookAt(elsewhere, "new-machine-open");
    await elsewhere.getByRole("button", { name: "Open the newest" }).click();
    await elsewhere.getByRole("treeitem", { name: /^orders/ }).click();
    await elsewhere.getByRole("gridcell").first().waitFor();
    await expect(elsewhere.getByText("offsite", { exact: true }).first()).toBeVisible();

    // And brought back.
    await other.run("profiles", "add", "here", "--url", server.url("vault"), "--password-from", "none");
    await elsewhere.reload();
    await elsewhere.getByRole("treeitem", { name: /^orders/ }).press("Space");
    await elsewhere.getByRole("combobox", { name: "Into" }).click();
    await elsewhere.getByRole("option", { name: /^here/ }).click();
    await lookAt(elsewhere, "archive-stored-tray");
    await elsewhere.getByRole("button", { name: "Review and restore" }).click();
    await expect(elsewhere.getByText(/ to read$/)).toBeVisible();
    await elsewhere.getByRole("button", { name: "Restore now" }).click();
    const confirm = elsewhere.getByRole("dialog");
    const done = elsewhere.getByRole("heading", { name: /^Restored into/ });
    await confirm.or(done).first().waitFor();
    if (await confirm.isVisible()) await confirm.getByRole("button", { name: "Restore now" }).click();
    await done.waitFor({ timeout: 60_000 });
    expect(watch.complaints).toEqual([]);
    await context.close();
  } finally {
    await other.remove();
  }
});
