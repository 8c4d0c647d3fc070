import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../helpers/servers.ts";
import { eventually, expect, test } from "./support/fixtures.ts";
import { seedShop } from "./support/shop.ts";
import { freeUsualPort } from "./support/usual-port.ts";

test("a server on a usual port is found, with its databases, and backed up", async ({ lifeboat, openWindow }) => {
  const port = await freeUsualPort();
  if (port === null) throw new Error("ports 5432 to 5439 are all taken");
  const password = "found:with\\care";
  const server = await startServer(15, { port, password });
  try {
    await seedShop(server, "boathouse");
    const quoted = password.replaceAll(/[\\:]/g, String.raw`\$&`);
    writeFileSync(join(lifeboat.user, ".pgpass"), `localhost:${port}:*:postgres:${quoted}\n`, { mode: 0o600 });

    const { page } = await openWindow();
    await page.getByRole("radio", { name: /boathouse/ }).click();
    await page.getByRole("button", { name: "Back up boathouse" }).click();
    await expect(page.getByRole("heading", { name: "boathouse is backed up" })).toBeVisible({ timeout: 30_000 });

    await eventually(lifeboat.backups, (backups) => expect(backups).toMatchObject([{ database: "boathouse" }]));
    await page.getByRole("link", { name: "Go to Home" }).click();
    await expect(page.getByRole("article", { name: "boathouse" })).toBeVisible();
    const profiles = await lifeboat.run("profiles", "--json");
    expect(profiles.stdout).toContain("boathouse");
    expect(profiles.stdout).not.toContain(password);
  } finally {
    await server.stop();
  }
});
