import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { clientTool } from "../helpers/clients.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { expect, goTo, test } from "./support/fixtures.ts";
import type { Lifeboat } from "./support/lifeboat.ts";

test("a script of a whole server shows roles and databases, and the rows of one table of one", async ({
  lifeboat,
  openWindow,
  server,
}) => {
  for (const database of ["twin_a", "twin_b"]) {
    await server.run(`create database ${database}`);
    const table = "create table public.twin_orders (id int primary key, note text)";
    await server.run(`${table}; insert into twin_orders values (1, 'of ${database}')`, database);
  }
  await server.run("create role shop_app");
  const path = join(lifeboat.user, "all.sql");
  const program = clientTool(server.major, "pg_dumpall") ?? "pg_dumpall";
  // Other tests leave databases on this server, and a tree shows what fits.
  execFileSync(program, [`--file=${path}`, `--dbname=${server.url()}`, "--exclude-database=[a-su-z]*"]);

  const { page } = await openWindow();
  await goTo(page, `#/archive?${new URLSearchParams({ path }).toString()}`);
  const tree = page.getByRole("tree");
  await expect(tree.getByRole("treeitem", { name: /^Roles/ })).toBeVisible();
  for (const database of ["twin_a", "twin_b"])
    await expect(tree.getByRole("treeitem", { name: new RegExp(database) })).toHaveAttribute("aria-level", "1");

  await page.getByRole("searchbox", { name: "Find" }).fill("twin_orders");
  await expect(page.getByText("2 matches")).toBeVisible();
  await tree
    .getByRole("treeitem", { name: /^twin_orders/ })
    .last()
    .click();
  await expect(page.getByText("of twin_b")).toBeVisible();
  await expect(page.getByText("of twin_a")).toHaveCount(0);
});

test("everything of a script is restored in one go, each database into a new one, and what failed is named", async ({
  lifeboat,
  openWindow,
  server: { major },
}) => {
  // All of a server comes back, so it is not the one that other tests use.
  const server = await startServer(major);
  try {
    await restoreWhole(server, lifeboat, openWindow);
  } finally {
    await server.stop();
  }
});

async function restoreWhole(
  server: TestServer,
  lifeboat: Lifeboat,
  openWindow: () => Promise<{ page: Page }>,
): Promise<void> {
  for (const database of ["harbour", "quay"]) {
    await server.run(`create database ${database}`);
    if (database === "quay") await server.run("create view moored as select 1 as berth", database);
    await server.run(`create table boats (name text primary key); insert into boats values ('${database}')`, database);
  }
  const path = join(lifeboat.user, "whole.sql");
  const program = clientTool(server.major, "pg_dumpall") ?? "pg_dumpall";
  execFileSync(program, [`--file=${path}`, `--dbname=${server.url()}`]);

  const { page } = await openWindow();
  await goTo(page, `#/archive?${new URLSearchParams({ path }).toString()}`);
  await compareDatabases(page, path);
  await goTo(page, `#/archive?${new URLSearchParams({ path }).toString()}`);
  await page.getByRole("button", { name: "Tick everything" }).click();
  await expect(page.getByText("Each database of the script comes into one of its own")).toBeVisible();
  await expect(page.getByLabel("Name of the new database")).toHaveCount(0);
  await page.getByRole("combobox", { name: "Into" }).click();
  await page.getByRole("option", { name: /Another server/ }).click();
  await page.getByLabel("Connection URL").fill(server.url("postgres"));
  await page.getByRole("button", { name: "Review and restore" }).click();
  await expect(page.getByRole("heading", { name: "Restore everything into 2 new databases" })).toBeVisible();
  await expect(page.getByText(/Roles and tablespaces .* are not run/)).toBeVisible();
  const said = await page.getByText(/harbour comes as harbour_restored_/).innerText();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  // Somebody takes the name while the review is read.
  const [, taken = ""] = /comes as (\S+)\./.exec(said) ?? [];
  await server.run(`create database ${taken}`);
  await page.getByRole("button", { name: "Restore now" }).click();
  const verdict = page.getByRole("heading", { name: "Restored into 1 new database, not all of it" });
  await expect(verdict).toBeVisible({ timeout: 60_000 });
  const restored = page.getByRole("group", { name: "Databases" });
  await expect(restored.getByRole("row", { name: /quay_restored_/ })).toContainText("all there");
  await expect(restored.getByRole("row", { name: /^harbour / })).toContainText("not there");
  await expect(page.getByText(/already exists/)).toBeVisible();
  await expect(page.getByText(/Roles and tablespaces .* are not run/)).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const [quay = ""] = /quay_restored_\w+/.exec(await restored.innerText()) ?? [];
  expect(await server.value("select name from boats", quay)).toBe("quay");
  expect(await lifeboat.jobs()).toMatchObject([{ kind: "restore", state: "finishedWithErrors" }]);
}

/** Which database is meant is asked on each side; the way to the rows remembers it. */
async function compareDatabases(page: Page, path: string): Promise<void> {
  await goTo(page, `#/diff?${new URLSearchParams({ path, with: `backup:${path}` }).toString()}`);
  await expect(page.getByText("There are several databases in it.")).toBeVisible();
  await page.getByRole("combobox", { name: "Database on the other side" }).click();
  await page.getByRole("option", { name: "quay" }).click();
  await expect(page.getByRole("combobox", { name: "Database in this backup" })).toHaveText(/harbour/);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  const found = page.getByRole("region", { name: "Definitions" });
  await expect(found.getByText("moored")).toBeVisible();
  await found.getByRole("tab", { name: /table/ }).click();
  await found.getByRole("link", { name: /boats/ }).click();
  await expect(page.getByText(/quay/).first()).toBeVisible();
  await expect(page.getByText(/harbour/).first()).toBeVisible();
}
