import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { clientTool } from "../helpers/clients.ts";
import { expect, goTo, test } from "./support/fixtures.ts";

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
  execFileSync(program, [`--file=${path}`, `--dbname=${server.url()}`]);

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
