import { expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

test("a window whose host was restarted says how to go on, and goes on from where it was", async ({
  lifeboat,
  openWindow,
}) => {
  const { page, allow } = await openWindow("#/settings");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");
  allow(/WebSocket|ERR_CONNECTION_REFUSED/);
  await lifeboat.end("quit");
  // What was being asked says so too, in its own place.
  await expect(page.getByRole("status").filter({ hasText: "The connection to Lifeboat broke" })).toBeVisible();

  await lifeboat.start();
  await expect(page.getByText("This window's session has ended")).toBeVisible({ timeout: 20_000 });

  // As a person does it: the new address typed over the old one, in the same tab.
  await page.goto(await lifeboat.newAddress());
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");
  await page.getByRole("radio", { name: /^Light/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("a reload keeps the session and the place; a used address does not come in twice", async ({
  lifeboat,
  openWindow,
  browser,
}) => {
  const { page } = await openWindow("#/settings");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Settings");

  const address = await lifeboat.newAddress();
  const strangers = [await browser.newContext(), await browser.newContext()] as const;
  const pages = [await strangers[0].newPage(), await strangers[1].newPage()] as const;
  await pages[0].goto(address);
  await expect(pages[0].getByRole("radio", { name: /^sample/ })).toBeVisible();
  expect(pages[0].url()).not.toContain("code=");
  await pages[1].goto(address);
  await expect(pages[1].getByText("This window's session has ended")).toBeVisible();
  await Promise.all(strangers.map((context) => context.close()));
});

test("a reload keeps what is ticked, the plan that is read, and files opened lately", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  await seedShop(server, "kept", 40);
  const path = dumpElsewhere(server, "kept", lifeboat.user, "kept.dump");
  const { page } = await openWindow(`#/archive?${new URLSearchParams({ path }).toString()}`);
  await page
    .getByRole("treeitem", { name: /^coupons/ })
    .first()
    .click();
  await page.keyboard.press("Space");
  await expect(page.getByText("Restore 1 table")).toBeVisible();
  await page.getByRole("combobox", { name: "Into" }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(server.url("postgres"));
  await page.reload();
  await expect(page.getByText("Restore 1 table")).toBeVisible();
  await expect(page.getByLabel("Connection URL")).toHaveValue(server.url("postgres"));

  await page.getByRole("button", { name: "Review and restore" }).click();
  await expect(page.getByRole("button", { name: "Restore now" })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Restore now" }).click();
  await expect(page.getByRole("heading", { name: /^Restored into/ })).toBeVisible({ timeout: 60_000 });

  await goTo(page, "#/backups");
  await expect(
    page.getByRole("table", { name: "Opened lately" }).getByRole("link", { name: /kept\.dump/ }),
  ).toBeVisible();
  const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(stored).not.toContain("recent-archives");
});
