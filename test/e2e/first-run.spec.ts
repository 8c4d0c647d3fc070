import { existsSync } from "node:fs";
import { eventually, expect, test } from "./support/fixtures.ts";

test("two clicks lead from a fresh start to a finished first backup of the sample", async ({ lifeboat, window }) => {
  const { page } = window;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Make your first backup");
  await page.getByRole("radio", { name: /^sample/ }).click();
  await page.getByRole("button", { name: "Back up sample" }).click();

  await expect(page.getByRole("heading", { name: "sample is backed up" })).toBeVisible({ timeout: 60_000 });
  const [backup] = await lifeboat.backups();
  expect(backup?.database).toBe("shop");
  expect(existsSync(backup?.path ?? "")).toBe(true);
  expect(await lifeboat.jobs()).toMatchObject([{ kind: "backup", state: "succeeded" }]);
  const verified = await lifeboat.run("verify", backup?.path ?? "", "--level", "read");
  expect(verified.code, verified.stderr).toBe(0);

  await page.getByRole("link", { name: "Look inside" }).click();
  await expect(page.getByRole("treeitem", { name: /orders/ }).first()).toBeVisible();
});

test("a fresh start shows nothing of Home before the first run", async ({ context, openWindow }) => {
  await context.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (document.querySelector("nav") !== null) document.documentElement.setAttribute("data-saw-rail", "");
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  const { page } = await openWindow();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Make your first backup");
  await expect(page.locator("[data-saw-rail]")).toHaveCount(0);
});

test("a window that comes back later shows Home, not the first run", async ({ lifeboat, openWindow }) => {
  const made = await lifeboat.run("sample", "start");
  expect(made.code, made.stderr).toBe(0);
  const url = (await lifeboat.run("sample", "url")).stdout.trim();
  const backup = await lifeboat.run("backup", "--url", url, "--quiet");
  expect(backup.code, backup.stderr).toBe(0);

  const { page } = await openWindow();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Home");
  await eventually(
    () => page.getByRole("article").count(),
    (count) => expect(count).toBe(1),
  );
});
