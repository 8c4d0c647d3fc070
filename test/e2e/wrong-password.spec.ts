import { eventually, expect, lockedPassword, test } from "./support/fixtures.ts";
import { seedShop } from "./support/shop.ts";

test("a wrong password is explained, and the right one goes on", async ({ lifeboat, lockedServer, openWindow }) => {
  await seedShop(lockedServer, "vault");
  const { page } = await openWindow("#/database");
  const url = `postgresql://postgres:not-this@127.0.0.1:${lockedServer.port}/vault`;
  await page.getByRole("textbox", { name: "Paste a URL" }).fill(`DATABASE_URL="${url}"`);
  await page.getByRole("button", { name: "Fill the fields" }).click();
  await expect(page.getByRole("textbox", { name: "Host" })).toHaveValue("127.0.0.1");
  await expect(page.getByRole("textbox", { name: "Database" })).toHaveValue("vault");
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("vault");

  await page.getByRole("button", { name: "Test the connection" }).click();
  const login = page.getByRole("listitem").filter({ hasText: "Login" });
  await expect(login).toContainText("failed");
  await expect(page.getByRole("listitem").filter({ hasText: "Port" })).toContainText("passed");
  await expect(page.getByRole("alert")).toContainText(/password/i);
  await expect(page.getByText("not-this")).toHaveCount(0);

  await page.getByRole("textbox", { name: "Password" }).fill(lockedPassword);
  await page.getByRole("button", { name: "Test the connection" }).click();
  await expect(page.getByText("Everything works")).toBeVisible();
  await page.getByRole("button", { name: "Save the database" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("vault");
  await page.getByRole("button", { name: "Back up now" }).click();
  await eventually(lifeboat.backups, (backups) => expect(backups).toMatchObject([{ database: "vault" }]));
  await expect(page.getByRole("row").filter({ hasText: "custom" })).toBeVisible();

  const profiles = await lifeboat.run("profiles", "--json");
  expect(profiles.stdout).not.toContain(lockedPassword);
  expect(JSON.stringify(await lifeboat.jobs())).not.toContain(lockedPassword);
});

test("a backup asks for a password that is not stored, and asks again where it is wrong", async ({
  lifeboat,
  lockedServer,
  openWindow,
}) => {
  await seedShop(lockedServer, "asked");
  const bare = `postgresql://postgres@127.0.0.1:${lockedServer.port}/asked`;
  await lifeboat.run("profiles", "add", "asked", "--url", bare, "--password-from", "ask");
  const { page } = await openWindow("#/");
  await page
    .getByRole("article", { name: "asked" })
    .getByRole("button", { name: /^Back up now/ })
    .click();
  const dialog = page.getByRole("dialog", { name: "Password for asked" });
  await dialog.getByRole("textbox", { name: "Password" }).fill("wrong");
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("The server did not take the password.")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Password" }).fill(lockedPassword);
  await page.keyboard.press("Enter");
  await eventually(lifeboat.backups, (backups) => expect(backups).toMatchObject([{ database: "asked" }]));
});
