import { expect, test } from "./support/fixtures.ts";
import { hasFocus, tabTo } from "./support/keyboard.ts";

test("a dialog begins at its first control, and one Esc closes it under a tooltip too", async ({ openWindow }) => {
  const { page } = await openWindow("#/backups");
  const open = page.getByRole("button", { name: "Open a dump file…" }).first();
  await open.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Open a dump file" });
  await expect(dialog).toBeVisible();
  const close = dialog.getByRole("button", { name: "Close" });
  expect(await hasFocus(close)).toBe(false);
  await tabTo(page, close);
  await expect(page.getByText("Esc", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await hasFocus(open)).toBe(true);
});

test("a list within a dialog closes before it", async ({ openWindow }) => {
  const { page } = await openWindow("#/backups");
  await page.getByRole("button", { name: "Open a dump file…" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Open a dump file" });
  await dialog.getByRole("combobox", { name: "Places" }).click();
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("option")).toHaveCount(0);
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("what cannot be undone begins at the button that does nothing", async ({ openWindow }) => {
  const { page } = await openWindow("#/settings");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("button", { name: "Reset…" }).click({ timeout: 60_000 });
  const dialog = page.getByRole("dialog", { name: "Make the sample anew?" });
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});
