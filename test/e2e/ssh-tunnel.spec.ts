import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { requirement } from "../helpers/requirement.ts";
import { hasSshd, sshdRemedy, startSshd } from "../helpers/sshd.ts";
import { eventually, expect, test } from "./support/fixtures.ts";
import { seedShop } from "./support/shop.ts";

const run = requirement("OpenSSH's server", hasSshd(), sshdRemedy);

test("a database behind an SSH server: its key is looked at, trusted, tested, backed up; a changed key stops it", async ({
  lifeboat,
  server,
  openWindow,
}) => {
  test.skip(run !== "run", run);
  const sshd = await startSshd();
  try {
    await seedShop(server, "inner");
    const { page } = await openWindow("#/database");
    const field = (name: string) => page.getByRole("textbox", { name, exact: true });
    await field("Host").fill("localhost");
    await field("Port").fill(String(server.port));
    await field("Database").fill("inner");
    await field("User").fill("postgres");
    await field("Name").fill("inner");
    await page.getByRole("radio", { name: /^None/ }).click();
    await page.getByRole("checkbox", { name: /^Reach it through an SSH server/ }).click();
    await field("SSH port").fill(String(sshd.port));
    await field("SSH user").fill(sshd.user);
    await page.getByRole("radio", { name: /^Key file/ }).click();
    // The host of a browser takes only paths within its roots.
    const keyFile = join(lifeboat.user, "key");
    copyFileSync(sshd.keyFile, keyFile);
    await field("Key file").fill(keyFile);
    const runTest = page.getByRole("button", { name: "Test the connection" });
    await runTest.click();
    await expect(page.getByText("This is needed.")).toHaveCount(1);
    await field("SSH server").fill("127.0.0.1");

    // The first look at the key: not trusted by putting the question away.
    await runTest.click();
    const question = page.getByRole("dialog", { name: `Is this 127.0.0.1:${sshd.port}?` });
    await expect(question.getByText(sshd.fingerprint())).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.screenshot({ path: "test-artefacts/screens/ssh-host-key.png" });
    await question.getByRole("button", { name: "Don’t trust it" }).click();
    await expect(question).toBeHidden();
    await expect(page.getByText("It does not work yet")).toBeVisible();

    await runTest.click();
    await question.getByRole("button", { name: "Trust it", exact: true }).click();
    await expect(page.getByText("Everything works")).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: "SSH login" })).toContainText("by key");
    await page.screenshot({ path: "test-artefacts/screens/ssh-tested.png", fullPage: true });
    await page.getByRole("button", { name: "Save the database" }).click();
    await eventually(
      async () => (await lifeboat.run("profiles", "--json")).stdout,
      (profiles) => expect(profiles).toContain(`"port":${sshd.port}`),
    );

    await page.getByRole("button", { name: "Back up now" }).click();
    await eventually(lifeboat.backups, (backups) => expect(backups).toHaveLength(1));

    // Somebody in between, or a new key: no way on from here.
    await sshd.changeHostKeys();
    await page.getByRole("tab", { name: "Connection" }).click();
    await runTest.click();
    await expect(page.getByText(/shows another key than the one that is known/).first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Trust it" })).toBeHidden();
  } finally {
    await sshd.stop();
  }
});
