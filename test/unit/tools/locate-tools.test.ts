import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Home, locateHome } from "../../../electron/home.ts";
import { locateInstallations } from "../../../electron/tools/locate-tools.ts";

let root: string;
let home: Home;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lifeboat-tools-"));
  home = locateHome({ LIFEBOAT_HOME: join(root, "home") });
  await mkdir(home.root);
});
afterEach(() => rm(root, { recursive: true }));

/** A folder with fake programs that answer --version. */
async function install(folder: string, output: string, names = ["pg_dump", "pg_restore"]): Promise<string> {
  const path = join(root, folder);
  await mkdir(path, { recursive: true });
  for (const name of names) {
    await writeFile(join(path, name), `#!/bin/sh\n${output}\n`);
    await chmod(join(path, name), 0o755);
  }
  return path;
}

/** Only what a test made: the machine's own installations come along, as they would for a user. */
async function locate(env: Record<string, string>) {
  return (await locateInstallations(home, env)).filter(({ folder }) => folder.startsWith(root));
}

describe.skipIf(process.platform === "win32")("locateInstallations", () => {
  test("chosen folders, LIFEBOAT_TOOLS and PATH, newest first, each with its version and programs", async () => {
    const [a, b, c] = [
      await install("a", 'echo "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"'),
      await install("b", 'echo "pg_dump (PostgreSQL) 17.12"', ["pg_dump"]),
      await install("c", 'echo "pg_dump (PostgreSQL) 16.3"'),
    ];
    await writeFile(home.settingsFile, JSON.stringify({ toolFolders: [a, "relative"], other: 1 }));
    const found = await locate({
      LIFEBOAT_TOOLS: `${b}${delimiter}${join(root, "nowhere")}`,
      PATH: `${c}${delimiter}.`,
    });
    expect(found.map(({ version, folder, source }) => [version.text, folder, source])).toEqual([
      ["17.12", b, "LIFEBOAT_TOOLS"],
      ["16.3", c, "PATH"],
      ["15.18", a, "settings.json"],
    ]);
    expect(found[0]?.tools).toEqual({ pg_dump: join(b, "pg_dump") });
    expect(Object.keys(found[1]?.tools ?? {})).toEqual(["pg_dump", "pg_restore"]);
  });

  test("links lead to one installation, and Debian's wrapper is passed over", async () => {
    const real = await install("real", 'echo "pg_dump (PostgreSQL) 15.18"');
    const wrapper = await install("share", 'echo "pg_dump (PostgreSQL) 99.1"', ["pg_wrapper"]);
    const links = join(root, "links");
    await mkdir(links);
    await symlink(join(real, "pg_dump"), join(links, "pg_dump"));
    await symlink(join(wrapper, "pg_wrapper"), join(links, "psql"));
    const found = await locate({ PATH: [links, real].join(delimiter) });
    expect(found.map(({ folder, tools }) => [folder, Object.keys(tools)])).toEqual([[real, ["pg_dump", "pg_restore"]]]);
  });

  test("what does not answer as PostgreSQL does is left out", async () => {
    const folders = await Promise.all([
      install("shim", 'echo "no version set" >&2; exit 126'),
      install("other", 'echo "something else 1.0"'),
      install("fails", 'echo "pg_dump (PostgreSQL) 15.18"; exit 1'),
      install("hangs", "exec sleep 60"),
    ]);
    await writeFile(join(root, "plain"), "");
    const startedAt = Date.now();
    expect(await locate({ PATH: folders.join(delimiter) })).toEqual([]);
    expect(Date.now() - startedAt).toBeLessThan(9_000);
  });

  test("a settings file that cannot be read is told", async () => {
    await writeFile(home.settingsFile, '{"toolFolders": "x"}');
    await expect(locate({})).rejects.toMatchObject({ code: "settings.invalid" });
  });
});
