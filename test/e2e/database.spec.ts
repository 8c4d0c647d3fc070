import { eventually, expect, goTo, test } from "./support/fixtures.ts";
import { seedShop } from "./support/shop.ts";

test("what was typed is kept and asked about when leaving", async ({ lifeboat, openWindow }) => {
  await lifeboat.run("profiles", "add", "cove", "--url", "postgresql://me@127.0.0.1:1/cove", "--password-from", "none");
  const { page } = await openWindow("#/database?name=cove");
  await page.getByRole("tab", { name: "Connection" }).click();
  await page.getByRole("textbox", { name: "User" }).fill("somebody");
  await expect(page.getByText("There are changes that are not saved.")).toBeVisible();

  const question = page.getByRole("dialog", { name: "Save the changes first?" });
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  expect(page.url()).toContain("#/database?name=cove");

  await page.getByRole("link", { name: "Activity" }).click();
  await question.getByRole("button", { name: "Leave them for later" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activity");
  await goTo(page, "#/database?name=cove");
  await page.getByRole("tab", { name: "Connection" }).click();
  await expect(page.getByRole("textbox", { name: "User" })).toHaveValue("somebody");

  // Not page.goBack(): that waits for a move which is held back here.
  await page.evaluate(() => history.back());
  await question.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Activity");
  await eventually(
    async () => (await lifeboat.run("profiles", "--json")).stdout,
    (profiles) => expect(profiles).toContain("somebody"),
  );
});

test("a remote host is verified unless told otherwise, and a weaker way is called weak", async ({ openWindow }) => {
  const { page } = await openWindow("#/database");
  const mode = page.getByRole("combobox", { name: "Encryption (sslmode)" });
  await expect(mode).toHaveText("prefer");
  await page.getByRole("textbox", { name: "Host" }).fill("db.example.org");
  await expect(mode).toHaveText("verify-full");
  await expect(page.getByText("Whoever controls the network")).toBeHidden();
  await mode.click();
  await page.getByRole("option", { name: /^require/ }).click();
  await expect(page.getByText("Whoever controls the network")).toBeVisible();

  await page.getByRole("button", { name: "Save the database" }).click();
  await expect(page.getByText("This is needed.")).toHaveCount(3);
  await expect(page.getByText(/no keychain/i).first()).toBeVisible();
});

test("a backup with options holds what was chosen", async ({ lifeboat, server, openWindow }) => {
  await seedShop(server, "options");
  await lifeboat.run("profiles", "add", "options", "--url", server.url("options"), "--password-from", "none");
  const { page } = await openWindow("#/database?name=options");
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByRole("combobox", { name: "Compression" }).click();
  await page.getByRole("option", { name: "gzip" }).click();
  await page.getByRole("textbox", { name: "Level" }).fill("11");
  await expect(page.getByText("Not a level of this method.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Back up now" })).toBeDisabled();
  await page.getByRole("textbox", { name: "Level" }).fill("9");
  await page.getByRole("checkbox", { name: /^Roles and tablespaces too/ }).click();
  await page.getByRole("textbox", { name: "Without the rows of these tables" }).fill("public.order_items\naudit.*");
  await page.getByRole("button", { name: "Back up now" }).click();
  await eventually(lifeboat.backups, (backups) => expect(backups).toHaveLength(1));
  const [backup] = await lifeboat.backups();
  expect(backup).toMatchObject({ format: "custom", compression: { method: "gzip", level: 9 } });
  expect(backup?.files.filter(({ role }) => role === "globals")).toHaveLength(1);
  const kept = await lifeboat.run("rows", backup?.path ?? "", "public.orders", "--limit", "1", "--format", "json");
  expect(kept.code, kept.stderr).toBe(0);
  const left = await lifeboat.run("rows", backup?.path ?? "", "public.order_items", "--limit", "1");
  expect(left.stderr).toContain("definition only");
  await expect(page.getByRole("row").filter({ hasText: "custom · gzip" })).toBeVisible();
});

test("what stands in the way of a backup is named before it, with its remedy", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  await seedShop(server, "guarded");
  await server.run("create role looker login", "guarded");
  await server.run("grant select on orders to looker", "guarded");
  const url = server.url("guarded").replace("postgres@", "looker@");
  await lifeboat.run("profiles", "add", "guarded", "--url", url, "--password-from", "none");
  const { page } = await openWindow("#/database?name=guarded");
  await expect(page.getByText("Stops the backup").first()).toBeVisible();
  await expect(page.getByText("public.coupons")).toBeVisible();
  await expect(page.getByText("pg_dump 15").first()).toBeVisible();
});
