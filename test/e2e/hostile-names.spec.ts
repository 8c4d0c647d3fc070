import { visibleText } from "../../shared/text/visible-text.ts";
import { identifier, oddDatabaseNames, oddNames, seedOddNames } from "../helpers/seed.ts";
import { expect, test } from "./support/fixtures.ts";
import { dumpElsewhere } from "./support/shop.ts";

const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`.slice(0, 60);

test("odd and hostile names are shown as text and can be found", async ({ lifeboat, server, openWindow }) => {
  const database = await seedOddNames(server, oddDatabaseNames[3]);
  await server.run(
    `create table public.${identifier(markup)} (${identifier(markup)} text); insert into public.${identifier(markup)} values ('<b>bold</b>'), (e'\\u202Eesrever')`,
    database,
  );
  const archive = dumpElsewhere(server, database, lifeboat.user, "<i>odd<b> ‮name‬.dump");

  const { page } = await openWindow(`#/archive?path=${encodeURIComponent(archive)}`);
  const tree = page.getByRole("tree");
  await expect(tree.getByRole("treeitem").first()).toBeVisible();
  const find = page.getByPlaceholder("Find a table, view, function…");

  for (const name of oddNames.filter((each) => !/[\n\t]/.test(each) && each.trim() === each && each.length < 24)) {
    // oxlint-disable-next-line no-await-in-loop -- one field
    await find.fill(name);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await expect(tree.getByText(visibleText(name), { exact: true }).first(), name).toBeVisible();
  }

  await find.fill("onerror");
  await page
    .getByRole("treeitem", { name: /<img src/ })
    .last()
    .click();
  await expect(page.getByRole("gridcell", { name: "<b>bold</b>" })).toBeVisible();
  await expect(page.getByRole("gridcell", { name: "<U+202E>esrever" })).toBeVisible();
  expect(await page.locator("main img, main script, main b:has-text('bold')").count()).toBe(0);
  expect(await page.title()).not.toContain("owned");
});
