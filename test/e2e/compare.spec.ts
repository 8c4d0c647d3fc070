import { AxeBuilder } from "@axe-core/playwright";
import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

test("rows that were deleted and changed are seen, put back, and taken out again", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "pier");
  const path = dumpElsewhere(server, "pier", lifeboat.user, "before.dump");
  const state = () => server.value("select md5(string_agg(o::text, ' ' order by id)) from orders o", "pier");
  const original = await state();
  await server.run(
    "delete from orders where id % 50 = 7; update orders set total = 0, note = null where id in (14, 21)",
    "pier",
  );
  const mishap = await state();
  const { page } = window;

  await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
  await page.getByPlaceholder("Find a table, view, function…").fill("orders");
  await page.getByRole("treeitem", { name: /^orders/ }).click();
  await page.getByRole("button", { name: "Compare…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Compare with the live table");

  await page.getByRole("combobox", { name: "With", exact: true }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(server.url("pier"));
  await page.getByRole("button", { name: "Compare", exact: true }).click();

  await expect(page.getByRole("tab", { name: "12 missing" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Put 12 rows back…" })).toBeVisible();
  await page.getByRole("tab", { name: "2 changed" }).click();
  await expect(page.getByRole("cell", { name: /17\.50 \(in the backup\).*0\.00 \(now\)/ })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.getByRole("checkbox", { name: "Put back 14", exact: true }).click();
  await expect(page.getByRole("button", { name: "Put 13 rows back…" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Put back all changed rows" }).click();
  await page.getByRole("button", { name: "Put 14 rows back…" }).click();
  const review = page.getByRole("dialog", { name: "Put 14 rows back into public.orders?" });
  await expect(review.getByText("12 rows inserted")).toBeVisible();
  await expect(review.getByRole("region", { name: "The SQL that runs" })).toContainText(
    'INSERT INTO "public"."orders"',
  );
  expect(await state()).toBe(mishap);
  await review.getByRole("button", { name: "Put back" }).click();

  await expect(page.getByText("12 rows inserted, 2 changed.")).toBeVisible({ timeout: 30_000 });
  expect(await state()).toBe(original);
  await page.getByRole("button", { name: "Take it back…" }).click();
  await page.getByRole("button", { name: "Take it back", exact: true }).click();
  await expect(page.getByText("Taken back: the table is as it was before.")).toBeVisible({ timeout: 30_000 });
  await eventually(state, (now) => expect(now).toBe(mishap));
  expect(await lifeboat.jobs()).toMatchObject([
    { kind: "put-back", state: "succeeded" },
    { kind: "put-back", state: "succeeded" },
  ]);
});

test("two backups are compared, definitions and rows, and nothing is put back", async ({
  lifeboat,
  server,
  window,
}) => {
  await seedShop(server, "mole");
  const monday = dumpElsewhere(server, "mole", lifeboat.user, "monday.dump");
  await server.run(
    `delete from orders where id % 100 = 7; update orders set total = 0 where id = 14;
     alter table coupons add column since date; drop view busy_customers; create index orders_total on orders (total)`,
    "mole",
  );
  const tuesday = dumpElsewhere(server, "mole", lifeboat.user, "tuesday.dump");
  const { page } = window;
  for (const path of [tuesday, monday]) {
    // oxlint-disable-next-line no-await-in-loop -- opened one after the other, so that both are known
    await goTo(page, `#/archive?path=${encodeURIComponent(path)}`);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.getByRole("treeitem", { name: /^public/ }).waitFor();
  }
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("menuitem", { name: "Compare with another backup…" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Compare definitions");
  await expect(page.getByRole("combobox", { name: "The other backup" })).toContainText("mole");
  await page.getByRole("button", { name: "Compare", exact: true }).press("Enter");

  await page.getByRole("tab", { name: "1 changed" }).waitFor();
  const coupons = page.getByRole("button", { name: /public\.coupons.*1 column differs/ });
  await coupons.press("Enter");
  await expect(page.getByRole("listitem").filter({ hasText: "not there" }).last()).toHaveText(/not there.*since date$/);
  await expect(page.getByRole("region", { name: "On the other side" })).toContainText("since date");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole("tab", { name: "1 only here" }).click();
  await expect(page.getByRole("button", { name: /busy_customers/ })).toBeVisible();
  await page.getByRole("tab", { name: "1 only there" }).click();
  await expect(page.getByRole("button", { name: /orders_total/ })).toBeVisible();

  await page.getByRole("tab", { name: "Rows of 6 tables" }).click();
  await page.getByRole("link", { name: /public\.orders / }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Compare with another backup");
  await expect(page.getByRole("tab", { name: "6 only here" })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("tab", { name: "1 changed" }).click();
  await expect(page.getByRole("cell", { name: /17\.50 \(here\).*0\.00 \(there\)/ })).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByText("nothing is put back from here")).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  // The live database is the other side, too.
  await goTo(page, `#/diff?path=${encodeURIComponent(monday)}`);
  await page.getByRole("combobox", { name: "With", exact: true }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(server.url("mole"));
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page.getByRole("tab", { name: "1 only there" })).toBeVisible({ timeout: 30_000 });
});
