import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, goTo, test } from "./support/fixtures.ts";
import { dumpElsewhere, seedShop } from "./support/shop.ts";

/** Pictures of every screen, to be looked at; not kept in the repository. */
const pictures = join(import.meta.dirname, "../../test-artefacts/screens");
const sizes = [
  { width: 1280, height: 800 },
  { width: 1000, height: 640 },
] as const;
/** Looked at beside them: 200 % zoom of the larger one, and a 4K screen. */
const extremes = [
  { width: 640, height: 400 },
  { width: 3840, height: 2160 },
] as const;

interface Place {
  readonly name: string;
  /** Empty: where the one before left. */
  readonly hash: string;
  /** Brings the screen into the state that is looked at, and waits until it is there. */
  readonly prepare: (page: Page) => Promise<unknown>;
  /** Puts away what would stand over the next screen. */
  readonly after?: () => Promise<void>;
}

async function takePictures(page: Page, name: string, theme: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  /* oxlint-disable no-await-in-loop -- one window, one size at a time */
  for (const size of [...sizes, ...extremes]) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(pictures, `${name}-${theme}-${size.width}x${size.height}.png`) });
  }
  /* oxlint-enable no-await-in-loop */
  await page.setViewportSize(sizes[0]);
  await page.emulateMedia({ forcedColors: "active" });
  await page.screenshot({ path: join(pictures, `${name}-${theme}-high-contrast.png`) });
  await page.emulateMedia({ forcedColors: "none" });
}

/** In a narrow window the tray is a drawer. */
async function openTray(page: Page): Promise<void> {
  const opener = page.getByRole("button", { name: "Restore…", exact: true });
  if (await opener.isVisible()) await opener.click();
}

/** No violation of WCAG 2.2 AA or of axe's best practices, in either size. */
async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const size of sizes) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.setViewportSize(size);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 5).map(({ target, failureSummary, html }) => ({ target, html, failureSummary })),
    }));
    expect.soft(found, `${name} at ${size.width}×${size.height}`).toEqual([]);
  }
  await page.setViewportSize(sizes[0]);
}

for (const theme of ["light", "dark"] as const) {
  test(`every screen in ${theme}: no accessibility violation, and its picture`, async ({
    lifeboat,
    server,
    openWindow,
  }) => {
    test.setTimeout(480_000);
    const shop = `shop_${theme}`;
    await seedShop(server, shop);
    await seedShop(server, `analytics_${theme}`, 40);
    const elsewhere = dumpElsewhere(server, shop, lifeboat.user, "nightly.dump");

    const fresh = await openWindow();
    await fresh.page.emulateMedia({ colorScheme: theme });
    await fresh.page.getByRole("radio", { name: /^sample/ }).waitFor();
    await expectAccessible(fresh.page, "first run");
    await takePictures(fresh.page, "first-run", theme);

    for (const [name, environment, database] of [
      ["shop", "production", shop],
      ["staging-shop", "staging", "nowhere"],
      ["analytics", "development", `analytics_${theme}`],
    ] as const) {
      const how = ["--environment", environment, "--password-from", "none"];
      // oxlint-disable-next-line no-await-in-loop -- they write the same file
      const added = await lifeboat.run("profiles", "add", name, "--url", server.url(database), ...how);
      expect(added.code, added.stderr).toBe(0);
    }
    for (const name of ["shop", "analytics", "shop", "staging-shop"]) {
      // oxlint-disable-next-line no-await-in-loop -- their order is what is looked at
      await lifeboat.run("backup", "--profile", name, "--quiet");
    }
    const [backup] = await lifeboat.backups();
    const archive = `#/archive?path=${encodeURIComponent(backup?.path ?? "")}`;
    const [job] = await lifeboat.jobs();

    const { page } = fresh;
    await goTo(page, "#/");
    await page.reload();

    const places: readonly Place[] = [
      {
        name: "home",
        hash: "#/",
        prepare: () => page.getByRole("article").nth(2).waitFor(),
      },
      {
        name: "backups",
        hash: "#/backups",
        prepare: () => page.getByRole("table", { name: "shop" }).waitFor(),
      },
      {
        name: "archive",
        hash: archive,
        async prepare() {
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.getByRole("gridcell").first().waitFor();
        },
      },
      {
        name: "archive-definition",
        hash: archive,
        async prepare() {
          await page.getByRole("tab", { name: "Definition" }).click();
          await page.getByText("CREATE TABLE").first().waitFor();
        },
      },
      {
        name: "archive-elsewhere",
        hash: `#/archive?path=${encodeURIComponent(elsewhere)}`,
        prepare: () => page.getByRole("treeitem", { name: /^orders/ }).waitFor(),
      },
      {
        name: "compare",
        hash: archive,
        async prepare() {
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.getByRole("button", { name: "Compare…" }).click();
          await page.getByRole("combobox", { name: "With", exact: true }).click();
          await page.getByRole("option", { name: /^shop/ }).click();
          await page.getByRole("button", { name: "Compare", exact: true }).click();
          await page.getByRole("tab", { name: /missing$/ }).waitFor();
        },
      },
      {
        name: "diff",
        hash: `#/diff?path=${encodeURIComponent(backup?.path ?? "")}&with=${encodeURIComponent(`backup:${elsewhere}`)}`,
        prepare: () => page.getByRole("tab", { name: /^Rows of/ }).click(),
      },
      {
        name: "filter",
        hash: archive,
        async prepare() {
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.getByRole("tab", { name: "Rows", exact: true }).click();
          await page.getByRole("button", { name: "Condition", exact: true }).click();
          await page.getByRole("form", { name: "New condition" }).waitFor();
        },
      },
      {
        name: "export",
        hash: archive,
        async prepare() {
          await page.getByRole("button", { name: "Export…" }).click();
          await page.getByRole("dialog", { name: /^Export/ }).waitFor();
        },
        after: () => page.keyboard.press("Escape"),
      },
      {
        name: "beside",
        hash: archive,
        async prepare() {
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.keyboard.press("Space");
          await openTray(page);
          await page.getByRole("radio", { name: /^Beside/ }).click();
        },
        async after() {
          await page.getByRole("radio", { name: /^Into a new/ }).click();
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.keyboard.press("Space");
        },
      },
      {
        name: "storage-new",
        hash: "#/storage",
        prepare: () => page.getByRole("radio").first().waitFor(),
      },
      {
        name: "archive-ticked",
        hash: archive,
        async prepare() {
          await page.getByRole("treeitem", { name: /^orders/ }).click();
          await page.keyboard.press("Space");
          await openTray(page);
          await page.getByRole("combobox", { name: "Into" }).click();
          await page.getByRole("option", { name: /^shop/ }).click();
          await page.getByText("comes along").waitFor();
        },
      },
      {
        name: "restore-review",
        hash: "",
        async prepare() {
          await openTray(page);
          await page.getByRole("button", { name: "Review and restore" }).click();
          await page.getByRole("button", { name: "Restore now" }).waitFor();
        },
      },
      {
        name: "restore-done",
        hash: "",
        async prepare() {
          await page.getByRole("button", { name: "Restore now" }).click();
          const confirm = page.getByRole("dialog");
          const done = page.getByRole("heading", { name: /^Restored into/ });
          await confirm.or(done).first().waitFor();
          if (await confirm.isVisible()) {
            const field = confirm.getByRole("textbox");
            if (await field.isVisible())
              await field.fill(/Type (.*) to confirm/.exec(await confirm.innerText())?.[1] ?? "");
            await confirm.getByRole("button", { name: "Restore now" }).click();
          }
          await done.waitFor();
        },
      },
      {
        name: "file-browser",
        hash: "#/backups",
        async prepare() {
          await page.getByRole("button", { name: "Open a dump file…" }).click();
          await page.getByRole("dialog").getByRole("grid").waitFor();
        },
        after: () => page.keyboard.press("Escape"),
      },
      {
        name: "activity",
        hash: `#/activity?jobId=${job?.id ?? ""}`,
        prepare: () => page.getByText("Steps").first().waitFor(),
      },
      {
        name: "database",
        hash: "#/database?name=shop",
        prepare: () => page.getByText("Nothing stands in the way").waitFor(),
      },
      {
        name: "database-options",
        hash: "#/database?name=shop",
        prepare: () => page.getByRole("button", { name: "Options" }).click(),
      },
      {
        name: "database-connection",
        hash: "#/database?name=analytics",
        async prepare() {
          await page.getByRole("tab", { name: "Connection" }).click();
          await page.getByRole("button", { name: "Test the connection" }).click();
          await page.getByText("Everything works").waitFor();
        },
      },
      {
        name: "database-broken",
        hash: "#/database?name=staging-shop",
        prepare: () => page.getByRole("alert").first().waitFor(),
      },
      {
        name: "database-new",
        hash: "#/database",
        prepare: () => page.getByRole("button", { name: "Save the database" }).waitFor(),
      },
      {
        name: "settings",
        hash: "#/settings",
        prepare: () => page.getByText("PostgreSQL 15").first().waitFor(),
      },
      {
        name: "settings-cache",
        hash: "#/settings",
        prepare: () => page.getByRole("button", { name: "Empty it" }).scrollIntoViewIfNeeded(),
      },
      {
        name: "palette",
        hash: "#/settings",
        async prepare() {
          await page.keyboard.press("Control+k");
          await page.getByRole("combobox").fill("sho");
          await page.getByRole("option").first().waitFor();
        },
        after: () => page.keyboard.press("Escape"),
      },
      {
        name: "remove",
        hash: "#/database?name=analytics",
        async prepare() {
          await page.getByRole("tab", { name: "Connection" }).click();
          await page.getByRole("button", { name: "Remove…" }).click();
          await page.getByRole("dialog").waitFor();
        },
        after: () => page.keyboard.press("Escape"),
      },
    ];
    for (const { name, hash, prepare, after } of places) {
      // oxlint-disable-next-line no-await-in-loop -- one window
      await test.step(name, async () => {
        if (hash !== "") await goTo(page, hash);
        // One screen that does not come is told, and the others are looked at nevertheless.
        const trouble = await prepare(page).then(
          () => null,
          (error: unknown) => String(error),
        );
        expect.soft(trouble, name).toBeNull();
        await expectAccessible(page, name);
        await takePictures(page, name, theme);
        await after?.();
      });
    }
  });
}
