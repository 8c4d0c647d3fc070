import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";

/** A step of a drag of one file over the window, as the system makes it. */
async function drag(page: Page, step: "dragenter" | "dragleave" | "drop"): Promise<void> {
  await page.evaluate((name) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["PGDMP"], "shop.dump"));
    document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }, step);
}

test("a file dropped on a browser's window is told how to open", async ({ openWindow }) => {
  const { page } = await openWindow("#/");
  const hint = page.getByText("Drop a dump file to open it");
  await drag(page, "dragenter");
  await expect(hint).toBeVisible();
  await drag(page, "dragleave");
  await expect(hint).toBeHidden();

  await drag(page, "dragenter");
  await drag(page, "drop");
  await expect(hint).toBeHidden();
  const dialog = page.getByRole("dialog", { name: "A dropped file does not say where it lies" });
  await expect(dialog.getByRole("button", { name: "Choose the file…" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await drag(page, "drop");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Open a dump file" })).toBeVisible();
});
