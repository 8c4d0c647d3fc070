import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { chosenHome } from "../../../electron/settings/chosen-home.ts";
import { openSettingsStore } from "../../../electron/settings/settings-store.ts";
import { listToolPlaces } from "../../../electron/tools/tool-places.ts";
import { runCli } from "../../helpers/run-cli.ts";

function freshRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "lifeboat-settings-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

describe("the chosen backups folder", () => {
  it("is the default location everywhere, the command line too", async () => {
    const root = freshRoot();
    const env = { LIFEBOAT_HOME: root };
    expect(chosenHome(env).backupsFolder).toBe(join(root, "backups"));
    const folder = join(root, "disk", "dumps");
    await openSettingsStore(chosenHome(env).settingsFile).set({ backupsFolder: folder });
    expect(chosenHome(env).backupsFolder).toBe(folder);
    const { stdout } = await runCli(["backups"], { env });
    expect(stdout).toContain(folder);
  });

  it.each(["{", "null", "[]", '{"backupsFolder":5}', '{"backupsFolder":"relative"}', '{"backupsFolder":null}'])(
    "is the home's own where settings.json says nothing usable: %s",
    (text) => {
      const root = freshRoot();
      writeFileSync(join(root, "settings.json"), text);
      expect(chosenHome({ LIFEBOAT_HOME: root }).backupsFolder).toBe(join(root, "backups"));
    },
  );
});

describe("settings", () => {
  it("share their file with whoever looks for tools, and keep what they do not know", async () => {
    const root = freshRoot();
    const home = chosenHome({ LIFEBOAT_HOME: root });
    writeFileSync(home.settingsFile, '{"future":{"a":1}}');
    const store = openSettingsStore(home.settingsFile);
    await Promise.all([store.set({ toolFolders: ["/opt/pg/bin"] }), store.set({ theme: "dark" })]);
    expect(JSON.parse(readFileSync(home.settingsFile, "utf8"))).toMatchObject({
      future: { a: 1 },
      toolFolders: ["/opt/pg/bin"],
      theme: "dark",
    });
    expect((await listToolPlaces(home, {}))[0]).toEqual({ folder: "/opt/pg/bin", source: "settings.json" });
  });
});
