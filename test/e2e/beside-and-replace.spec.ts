import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

/** Ticks a table of an archive and says into which database. */
async function tick(page: Page, path: string, table: string, url: string): Promise<void> {
  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByPlaceholder("Find a table, view, function…").fill(table);
  await page.getByRole("treeitem", { name: new RegExp(`^${table}`) }).click();
  await page.keyboard.press("Space");
  await page.getByRole("combobox", { name: "Into" }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(url);
}

async function isClean(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
}

/** The review's button; a confirmation by name or by a click where one is asked for. */
async function start(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Restore now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore now" }).click();
}

test("a table comes beside the live one, by keyboard, and is dropped again", async ({ lifeboat, server, window }) => {
  await seedShop(server, "slip");
  const path = dumpElsewhere(server, "slip", lifeboat.user, "slip.dump");
  await server.run("delete from order_items where quantity % 2 = 0", "slip");
  const live = await server.value("select count(*) from order_items", "slip");
  const { page } = window;

  await tick(page, path, "order_items", server.url("slip"));
  await page.getByRole("radio", { name: /Into a new database/ }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /Beside the live tables/ })).toBeChecked();
  await page.getByLabel("Schema", { exact: true }).fill("yesterday");
  await isClean(page);
  await page.getByRole("button", { name: "Review and restore" }).click();
  await expect(page.getByText("New: yesterday.order_items, in the new schema yesterday.")).toBeVisible();
  await expect(page.getByText("The tables that are there are not touched, nor locked.")).toBeVisible();
  await isClean(page);
  await start(page);

  await expect(page.getByText("public.order_items is there as yesterday.order_items, too.")).toBeVisible({
    timeout: 60_000,
  });
  await isClean(page);
  expect(await server.value("select count(*) from yesterday.order_items", "slip")).toBe("1800");
  expect(await server.value("select count(*) from order_items", "slip")).toBe(live);
  await page.getByRole("button", { name: "Undo it…" }).click();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(page.getByText("Undone", { exact: true })).toBeVisible({ timeout: 30_000 });
  expect(await server.value("select to_regnamespace('yesterday') is null", "slip")).toBe("t");
});

test("a table is replaced after a safety backup, and comes back from it", async ({ lifeboat, server, window }) => {
  await seedShop(server, "berth");
  const path = dumpElsewhere(server, "berth", lifeboat.user, "berth.dump");
  await server.run("delete from order_items where quantity % 2 = 0", "berth");
  const spoilt = await server.value("select count(*) from order_items", "berth");
  const { page } = window;

  await tick(page, path, "order_items", server.url("berth"));
  await page.getByRole("radio", { name: /Replace the live tables/ }).click();
  await page.getByRole("button", { name: "Review and restore" }).click();
  await expect(page.getByText(/^Replaced: public\.order_items in berth/)).toBeVisible();
  await expect(page.getByText(/^First a safety backup of what is replaced/)).toBeVisible();
  await isClean(page);
  await start(page);

  await expect(page.getByText(/What was there before is in the safety backup/)).toBeVisible({ timeout: 60_000 });
  expect(await server.value("select count(*) from order_items", "berth")).toBe("1800");
  await page.getByRole("button", { name: "Undo it…" }).click();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(page.getByText("Undone", { exact: true })).toBeVisible({ timeout: 60_000 });
  expect(await server.value("select count(*) from order_items", "berth")).toBe(spoilt);
  await eventually(
    () => lifeboat.jobs(),
    (jobs) => expect(jobs.filter(({ kind, state }) => kind === "restore" && state === "succeeded")).toHaveLength(2),
  );
});
