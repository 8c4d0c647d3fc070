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

  await page.getByRole("combobox", { name: "Live database" }).click();
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
