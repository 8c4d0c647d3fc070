import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { seedShop } from "./support/shop.ts";

test("two windows agree on the theme, on jobs and on backups", async ({ lifeboat, server, openWindow }) => {
  await seedShop(server, "pair");
  await lifeboat.run("profiles", "add", "pair", "--url", server.url("pair"), "--password-from", "none");
  const one = await openWindow("#/settings");
  const other = await openWindow("#/");

  await one.page.getByRole("radio", { name: /^Dark/ }).click();
  await expect(other.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await other.page.reload();
  await expect(other.page.locator("html")).toHaveAttribute("data-theme", "dark");

  await goTo(one.page, "#/database?name=pair");
  await one.page.getByRole("button", { name: "Back up now" }).click();
  await eventually(lifeboat.jobs, (jobs) => expect(jobs).toMatchObject([{ state: "succeeded", error: null }]));
  await expect(other.page.getByRole("article", { name: "pair" }).getByText("Safe")).toBeVisible();
  await expect(other.page.getByText("Back up pair").first()).toBeVisible();

  await goTo(one.page, "#/database?name=pair");
  await one.page.getByRole("tab", { name: "Connection" }).click();
  await one.page.getByRole("button", { name: "Remove…" }).click();
  await one.page.getByLabel("Type pair to confirm").fill("pair");
  await one.page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(other.page.locator('a[href="#/database?name=pair"]')).toHaveCount(0);
  expect(await lifeboat.backups()).toHaveLength(1);
});
