import { expect, type Locator, type Page } from "@playwright/test";

/** Moves the focus by Tab until it is on the element; fails where it cannot be reached within `most` presses. */
export async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  await expect(target).toBeVisible();
  for (let press = 0; press <= most; press += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one press after another
    if (await hasFocus(target)) return;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.keyboard.press("Tab");
  }
  throw new Error(`${String(target)} is not reached by ${most} Tabs`);
}

export async function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** The focus is seen: the element it is on, or the frame around it, is drawn with an outline. */
export async function expectVisibleFocus(page: Page): Promise<void> {
  const isSeen = await page.evaluate(() => {
    for (let at = document.activeElement; at !== null && at !== document.body; at = at.parentElement) {
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) return true;
    }
    return false;
  });
  expect(isSeen, "the focus is drawn").toBe(true);
}
