import { expect, test } from "./support/fixtures.ts";
import { expectVisibleFocus, hasFocus, tabTo } from "./support/keyboard.ts";

// No call of the mouse in this file: what it does, a person without one can do.

test("the main story by keyboard alone: first backup, a table found and ticked, restored, proved", async ({
  lifeboat,
  window,
}) => {
  const { page } = window;
  const { keyboard } = page;

  await tabTo(page, page.getByRole("radio", { name: /^sample/ }));
  await expectVisibleFocus(page);
  await keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Back up sample" }));
  await expectVisibleFocus(page);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "sample is backed up" })).toBeVisible({ timeout: 60_000 });
  await tabTo(page, page.getByRole("link", { name: "Look inside" }));
  await keyboard.press("Enter");

  const find = page.getByPlaceholder("Find a table, view, function…");
  await expect(find).toBeVisible();
  await keyboard.press("/");
  expect(await hasFocus(find)).toBe(true);
  await keyboard.type("customers");
  const table = page.getByRole("treeitem", { name: /^customers/ }).first();
  await expect(table).toBeVisible();
  await tabTo(page, page.getByRole("tree").locator("[tabindex='0']").first());
  for (let press = 0; press < 10 && !(await hasFocus(table)); press += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one press after another
    await keyboard.press("ArrowDown");
  }
  expect(await hasFocus(table)).toBe(true);
  await expectVisibleFocus(page);
  await keyboard.press("Enter");
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  await keyboard.press("Space");
  await expect(page.getByText("Restore 1 table")).toBeVisible();

  const into = page.getByRole("combobox", { name: "Into" });
  await tabTo(page, into);
  if (!(await into.textContent())?.includes("sample")) {
    await keyboard.press("Enter");
    await page.getByRole("option", { name: /^sample/ }).waitFor();
    await keyboard.type("sample");
    await keyboard.press("Enter");
  }
  await tabTo(page, page.getByRole("button", { name: "Review and restore" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Review and restore");
  await tabTo(page, page.getByRole("button", { name: "Restore now" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /^Restored into/ })).toBeVisible({ timeout: 60_000 });
  expect(await lifeboat.jobs()).toMatchObject([
    { kind: "restore", state: "succeeded" },
    { kind: "backup", state: "succeeded" },
  ]);
});

test("the palette finds places and actions, and gives the focus back", async ({ lifeboat, openWindow }) => {
  await lifeboat.run("profiles", "add", "harbour", "--url", "postgresql://me@127.0.0.1:1/harbour");
  const { page } = await openWindow("#/activity");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activity");
  const field = page.getByRole("combobox", { name: "Search backups, databases and actions" });

  await tabTo(page, page.getByRole("link", { name: "Backups" }));
  await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
  await expect(page.getByRole("link", { name: "Backups" })).toBeFocused();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("open harb");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("harbour");

  await page.keyboard.press("Control+k");
  await page.keyboard.type("theme");
  await expect(page.getByRole("option")).toHaveCount(3);
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("[role=option][data-highlighted]")).toContainText("light");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("group", { name: "Recent" })).toContainText("Theme: light");
  await page.keyboard.type("zzzz");
  await expect(page.getByText("Nothing is called that")).toBeVisible();
});
