import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
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
    await chooseFolder(page, dialog);
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

test("bytes are shown by their size and saved, JSON and arrays fold by their parts", async ({
  lifeboat,
  server,
  window,
}) => {
  await createDatabase(server, "wharf");
  await server.run(
    `create table papers (id int, scan bytea, facts jsonb, pages int[]);
     insert into papers values (1, decode(repeat('89504e47', 520) || '00', 'hex'), '{"pages": 3, "tags": ["a", "b"]}', '{1,null,3}')`,
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
  const parts = dialog.getByRole("tree", { name: "Value of facts" });
  await expect(parts.getByRole("treeitem", { name: /^pages/ })).toContainText("3");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await parts.getByRole("treeitem", { name: /^tags/ }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(parts.getByRole("treeitem")).toHaveCount(3);
  await expect(parts.getByRole("treeitem", { name: /^tags/ })).toContainText('["a", "b"]');
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("$.tags", { exact: true })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const value = dialog.getByRole("region", { name: "Value of facts" });
  await dialog.getByRole("radio", { name: "Indented" }).click();
  await expect(value).toHaveText(/"pages": 3,?\n/);
  await dialog.getByRole("radio", { name: "As it is" }).click();
  await expect(value).toHaveText('{"tags": ["a", "b"], "pages": 3}');
  await page.keyboard.press("Escape");

  await page.getByRole("gridcell", { name: /\{1,NULL,3\}/ }).dblclick();
  await expect(page.getByRole("dialog").getByRole("treeitem")).toHaveCount(4);
  await page.keyboard.press("Escape");

  await page.getByRole("gridcell", { name: /^over 2 kB/ }).dblclick();
  await page.getByRole("dialog", { name: "Value of scan" }).getByRole("button", { name: "Save…" }).click();
  const saving = page.getByRole("dialog", { name: "Save the value of scan" });
  await expect(saving.getByLabel("File name")).toHaveValue("scan.bin");
  await chooseFolder(page, saving);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await saving.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved, 2.1 kB")).toBeVisible({ timeout: 30_000 });
  const [job] = await lifeboat.jobs();
  expect(job).toMatchObject({ kind: "export", state: "succeeded", title: "Save a value of public.papers, scan" });
  const saved = readFileSync(String(Reflect.get(Object(job?.result), "path")));
  expect(saved.equals(Buffer.from(`${"89504e47".repeat(520)}00`, "hex"))).toBe(true);
});

test("large objects are listed with owner and comment, and one is saved byte for byte", async ({
  lifeboat,
  server,
  window,
}) => {
  await createDatabase(server, "archive_room");
  const bytes = Buffer.alloc(70_000, "The lease of the boathouse. ");
  await server.run(
    `select lo_from_bytea(4711, decode('${bytes.toString("hex")}', 'hex')), lo_from_bytea(4712, '');
     comment on large object 4711 is 'It''s the lease'; create table t (id int)`,
    "archive_room",
  );
  const path = dumpElsewhere(server, "archive_room", lifeboat.user, "room.dump");
  const { page } = window;
  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByRole("treeitem", { name: /^Large objects/ }).click();
  await expect(page.getByText("All 2 large objects, 70 kB")).toBeVisible();
  const row = page.getByRole("row", { name: /4711/ });
  await expect(row).toContainText("70 kB");
  await expect(row).toContainText("It's the lease");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await row.focus();
  await page.keyboard.press("Enter");
  const saving = page.getByRole("dialog", { name: "Save large object 4711" });
  await saving.getByLabel("File name").fill("lease.txt");
  await chooseFolder(page, saving);
  await saving.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved, 70 kB")).toBeVisible({ timeout: 30_000 });
  const [job] = await lifeboat.jobs();
  expect(job).toMatchObject({ kind: "export", state: "succeeded", title: "Save large object 4711" });
  const file = String(Reflect.get(Object(job?.result), "path"));
  expect(file).toMatch(/lease\.txt$/);
  expect(readFileSync(file).equals(bytes)).toBe(true);

  // What is there already is not replaced.
  await page.getByRole("button", { name: "Save large object 4712" }).click();
  await page.getByRole("dialog").getByLabel("File name").fill("lease.txt");
  await chooseFolder(page, page.getByRole("dialog"));
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("region", { name: "Notifications" }).getByText(/is there already/)).toBeVisible({
    timeout: 30_000,
  });
});

async function chooseFolder(page: Page, dialog: Locator): Promise<void> {
  await dialog
    .getByRole("button", { name: "Another folder…" })
    .or(dialog.getByRole("button", { name: "Choose a folder…" }))
    .click();
  await page.getByRole("button", { name: "Choose this folder" }).click();
}
