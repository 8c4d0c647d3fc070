import { expect, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

test("a table of an archive made elsewhere is found, looked at, restored into a new database, and proved", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "quay");
  dumpElsewhere(server, "quay", lifeboat.user, "last night.dump");
  const { page } = window;

  await page.getByRole("button", { name: "Open a dump file…" }).click();
  const browser = page.getByRole("dialog", { name: "Open a dump file" });
  await browser.getByRole("combobox", { name: "Places" }).click();
  await page.getByRole("option", { name: "Home" }).click();
  await browser.getByText("last night.dump").dblclick();

  await page.getByPlaceholder("Find a table, view, function…").fill("order_it");
  const table = page.getByRole("treeitem", { name: /order_items/ });
  await table.click();
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  await expect(page.getByText("First 200, straight from the archive")).toBeVisible();

  await page.keyboard.press("Space");
  await expect(page.getByText("Restore 1 table")).toBeVisible();

  await page.getByRole("combobox", { name: "Into" }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(server.url("postgres"));
  await page.getByLabel("Name of the new database").fill("quay_again");
  await page.getByRole("button", { name: "Review and restore" }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Review and restore");
  await expect(page.getByText("quay_again").first()).toBeVisible();
  await page.getByRole("button", { name: "Restore now" }).click();
  await expect(page.getByRole("heading", { name: "Restored into quay_again" })).toBeVisible({ timeout: 60_000 });

  expect(await server.value("select count(*) from order_items", "quay_again")).toBe("1800");
  expect(await server.value("select sum(quantity) from order_items", "quay_again")).toBe(
    await server.value("select sum(quantity) from order_items", "quay"),
  );
  expect(await lifeboat.jobs()).toMatchObject([{ kind: "restore", state: "succeeded" }]);
});
