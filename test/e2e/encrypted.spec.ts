import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { databasusBackupId, databasusKey, encryptAsDatabasus } from "../helpers/databasus-writer.ts";
import { runCli } from "../helpers/run-cli.ts";
import { expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

const passphrase = "four words nobody guesses";

test("a backup under a passphrase asks for it, by keyboard, and again after a wrong one", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "locker");
  const made = await runCli(["backup", "--url", server.url("locker"), "--passphrase", "--quiet"], {
    env: { ...lifeboat.surroundings, LIFEBOAT_PASSPHRASE: passphrase },
  });
  expect(made.code, made.stderr).toBe(0);
  const [backup] = await lifeboat.backups();
  const { page } = window;
  await goTo(page, `#/archive?path=${encodeURIComponent(backup?.path ?? "")}`);
  const field = page.getByLabel("Passphrase", { exact: true });
  await expect(field).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await expect(field).toBeFocused();
  await field.fill("another");
  await field.press("Enter");
  // Deriving the key takes its time, on purpose.
  await expect(page.getByText("This passphrase does not open it.")).toBeVisible({ timeout: 60_000 });
  await expect(field).toHaveValue("");
  await field.fill(passphrase);
  await field.press("Enter");
  await page.getByRole("treeitem", { name: /^orders/ }).click({ timeout: 60_000 });
  await expect(page.getByRole("gridcell").first()).toBeVisible({ timeout: 30_000 });
  expect(await page.content()).not.toContain(passphrase);
});

test("a backup that Databasus encrypted opens with its secret.key, from a file or typed", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  await seedShop(server, "foreign");
  const plain = readFileSync(dumpElsewhere(server, "foreign", lifeboat.user, "foreign.dump"));
  const path = join(lifeboat.user, `foreign-20260218-${databasusBackupId}`);
  writeFileSync(path, encryptAsDatabasus(plain));
  const { page } = await openWindow(`#/archive?path=${encodeURIComponent(path)}`);
  const field = page.getByLabel("What is in secret.key");
  await expect(field).toBeVisible();
  await expect(page.getByText("Encrypted by Databasus")).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await field.fill("not the key");
  await field.press("Enter");
  await expect(page.getByText("This key does not open it.")).toBeVisible();

  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose secret.key…" }).click();
  await (await chooser).setFiles({
    name: "secret.key",
    mimeType: "text/plain",
    buffer: Buffer.from(`${databasusKey}\n`),
  });
  await expect(page.getByText(/secret\.key/).last()).toBeVisible();
  await page.getByRole("button", { name: "Open it", exact: true }).click();
  await page.getByRole("treeitem", { name: /^orders/ }).click();
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  expect(await page.content()).not.toContain(databasusKey);
});
