import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** To be looked at; not kept in the repository. */
const pictures = join(import.meta.dirname, "../../../test-artefacts/screens");

/** In both themes and sizes: no violation of axe, and a picture to look at. */
export async function lookAt(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one window
    await page.emulateMedia({ colorScheme: theme });
    for (const [width, height] of [
      [1000, 640],
      [1280, 800],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await page.setViewportSize({ width, height });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}x${height}.png`) });
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect
      .soft(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        `${name} in ${theme}`,
      )
      .toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
