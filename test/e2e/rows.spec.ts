import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { createDatabase } from "../helpers/seed.ts";
import { expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

test("rows are filtered by conditions and a search, by keyboard, and an empty answer says so", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "slipway", 30_000);
  const path = dumpElsewhere(server, "slipway", lifeboat.user, "slipway.dump");
  const { page } = window;
  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByPlaceholder("Find a table, view, function…").fill("orders");
  await page.getByRole("treeitem", { name: /^orders/ }).click();
  await expect(page.getByRole("gridcell").first()).toBeVisible();

  await page.getByRole("button", { name: "Condition", exact: true }).click();
  const form = page.getByRole("form", { name: "New condition" });
  await form.getByRole("combobox", { name: "Column" }).click();
  await page.getByRole("option", { name: /^total/ }).click();
  await form.getByRole("combobox", { name: "Comparison" }).click();
  await page.getByRole("option", { name: "is at least" }).click();
  await form.getByLabel("Value").fill("37490");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await form.getByLabel("Value").press("Enter");
  await expect(page.getByText("9 rows fit")).toBeVisible();
  await expect(page.getByRole("button", { name: "Condition", exact: true })).toBeFocused();

  const search = page.getByRole("searchbox", { name: "Search all columns" });
  await search.fill("NEIGHBOUR");
  await search.press("Enter");
  await expect(page.getByText("One row fits")).toBeVisible();
  await expect(page.getByRole("gridcell", { name: "29995" })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.getByRole("button", { name: "Remove total is at least 37490" }).press("Enter");
  await expect(page.getByText(/^First 200 that fit, [\d,]+ rows read$/)).toBeVisible();
  await search.fill("nobody wrote this");
  await search.press("Enter");
  await expect(page.getByText("No row fits. All 30,000 were looked at.")).toBeVisible();
  await search.press("Escape");
  await expect(page.getByText("First 200, straight from the archive")).toBeVisible();

  await page.getByRole("button", { name: "Condition", exact: true }).click();
  await form.getByLabel("Value").fill("not a number");
  await form.getByLabel("Value").press("Enter");
  await expect(page.getByRole("alert")).toContainText('"not a number" is no integer as id holds them');
});

test("a table's rows are exported as they are filtered, with what came of it, and nothing is replaced", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "jetty", 30_000);
  const path = dumpElsewhere(server, "jetty", lifeboat.user, "jetty.dump");
  const { page } = window;
  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByPlaceholder("Find a table, view, function…").fill("orders");
  await page.getByRole("treeitem", { name: /^orders/ }).click();
  const search = page.getByRole("searchbox", { name: "Search all columns" });
  await search.fill("neighbour");
  await search.press("Enter");
  await expect(page.getByText(/^First 200 that fit/)).toBeVisible();

  const dialog = page.getByRole("dialog", { name: "Export orders" });
  const exportTo = async (format: RegExp) => {
    await page.getByRole("button", { name: "Export…" }).click();
    await dialog.getByRole("radio", { name: format }).click();
    await dialog
      .getByRole("button", { name: "Another folder…" })
      .or(dialog.getByRole("button", { name: "Choose a folder…" }))
      .click();
    await page.getByRole("button", { name: "Choose this folder" }).click();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
  };
  await exportTo(/^SQL/);
  await expect(page.getByText(/^4,285 rows exported, /)).toBeVisible({ timeout: 30_000 });
  const [job] = await lifeboat.jobs();
  expect(job).toMatchObject({ kind: "export", state: "succeeded", title: "Export public.orders" });
  const file = String(Reflect.get(Object(job?.result), "path"));
  expect(file).toMatch(/public\.orders\.sql$/);
  expect(readFileSync(file, "utf8").match(/^INSERT INTO public\.orders /gm)).toHaveLength(4285);

  await exportTo(/^SQL/);
  await expect(page.getByRole("region", { name: "Notifications" }).getByText(/is there already/)).toBeVisible({
    timeout: 30_000,
  });
});

test("bytes are shown by their size, JSON with a line for each part", async ({ lifeboat, server, window }) => {
  await createDatabase(server, "wharf");
  await server.run(
    `create table papers (id int, scan bytea, facts jsonb);
     insert into papers values (1, decode(repeat('89504e47', 500), 'hex'), '{"pages": 3, "tags": ["a", "b"]}')`,
    "wharf",
  );
  const path = dumpElsewhere(server, "wharf", lifeboat.user, "wharf.dump");
  const { page } = window;
  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByPlaceholder("Find a table, view, function…").fill("papers");
  await page.getByRole("treeitem", { name: /^papers/ }).click();
  await expect(page.getByRole("gridcell", { name: /^over 2 kB \\x89504e47/ })).toBeVisible();
  await page.getByRole("gridcell", { name: /"pages": 3/ }).dblclick();
  const dialog = page.getByRole("dialog", { name: "Value of facts" });
  await expect(dialog.getByText("jsonb · ")).toBeVisible();
  const value = dialog.getByRole("region", { name: "Value of facts" });
  await expect(value).toHaveText(/"pages": 3,?\n/);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole("checkbox", { name: "A line for each part" }).click();
  await expect(value).toHaveText('{"tags": ["a", "b"], "pages": 3}');
});
