import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { buildArchive, type SyntheticEntry } from "../helpers/synthetic-archive.ts";
import { firstBytes } from "./support/bundle.ts";
import { expect, goTo, test } from "./support/fixtures.ts";

/** An archive of 99,999 entries: what is in view is in the page, and nothing else. */
const tables = 33_333;
/** Rows of 28 pixels in a window of 800, eight on each side, the active one. */
const mostRows = 60;

test("100,000 entries are walked and searched with a handful of rows in the page", async ({ lifeboat, openWindow }) => {
  const path = join(lifeboat.user, "large.dump");
  writeFileSync(path, buildArchive({ entries: Array.from({ length: tables }, (_, index) => entriesOf(index)).flat() }));
  const { page } = await openWindow();
  await goTo(page, `#/archive?${new URLSearchParams({ path }).toString()}`);

  const tree = page.getByRole("tree");
  const rows = tree.getByRole("treeitem");
  await expect(rows.filter({ hasText: "table_1" }).first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(mostRows);

  await rows.first().focus();
  await page.keyboard.press("End");
  const last = rows.filter({ hasText: `table_${tables}` });
  await expect(last).toBeFocused();
  await expect(last).toHaveAttribute("aria-setsize", String(tables));
  expect(await rows.count()).toBeLessThan(mostRows);

  await page.getByRole("searchbox", { name: "Find" }).fill("table_2");
  await expect(page.getByText("11,111 matches")).toBeVisible();
  expect(await rows.count()).toBeLessThan(mostRows);
  expect(await elementsOf(page)).toBeLessThan(2000);
});

test("the window's first files stay below 350 kB, gzipped", () => {
  expect(firstBytes()).toBeLessThan(350_000);
});

function entriesOf(index: number): SyntheticEntry[] {
  const [table, key, other] = [index * 3 + 1, index * 3 + 2, index * 3 + 3];
  const name = `table_${index + 1}`;
  const part = { namespace: "public", section: 4, dependencies: [table] };
  return [
    {
      dumpId: table,
      desc: "TABLE",
      tag: name,
      namespace: "public",
      definition: `CREATE TABLE public.${name} (id int);`,
    },
    { ...part, dumpId: key, desc: "CONSTRAINT", tag: `${name} ${name}_pkey`, definition: "ALTER TABLE …;" },
    { ...part, dumpId: other, desc: "INDEX", tag: `${name}_name_idx`, definition: "CREATE INDEX …;" },
  ];
}

function elementsOf(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelectorAll("*").length);
}
