import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { locateHome } from "../../../electron/home.ts";
import { browseFolder, browseRoots } from "../../../electron/storage/browse-folder.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "lifeboat-browse-")));
const root = join(base, "root");
const outside = join(base, "root-of-others");
mkdirSync(join(root, "inner", "made.dir"), { recursive: true });
mkdirSync(outside);
writeFileSync(join(outside, "secret.dump"), "PGDMP");
writeFileSync(join(root, "shop.dump"), "anything, the name says it");
writeFileSync(join(root, "unnamed"), "PGDMP\u0001");
writeFileSync(join(root, "notes.txt"), "text");
writeFileSync(join(root, ".hidden.dump"), "PGDMP");
writeFileSync(join(root, "inner", "made.dir", "toc.dat"), "PGDMP");
symlinkSync(outside, join(root, "way-out"));
symlinkSync(join(outside, "secret.dump"), join(root, "file-out.dump"));
symlinkSync("/absent", join(root, "dangling"));
symlinkSync(join(root, "inner"), join(root, "way-in"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const roots = [{ path: root, label: "Backups" }];
const refused = { code: "storage.permissionDenied" };

describe("looking into folders", () => {
  it("shows folders first, archives by name or content, no hidden files, and no link that leads out", async () => {
    const view = await browseFolder(null, roots);
    expect(view.path).toBe(root);
    expect(view.parent).toBeNull();
    expect(view.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ["inner", "folder"],
      ["way-in", "folder"],
      ["notes.txt", "file"],
      ["shop.dump", "archive"],
      ["unnamed", "archive"],
    ]);
    expect(view.entries.find(({ name }) => name === "way-in")?.path).toBe(join(root, "inner"));
  });

  it("takes a directory archive for an archive, and knows the way back", async () => {
    const view = await browseFolder(join(root, "inner"), roots);
    expect(view.parent).toBe(root);
    expect(view.entries).toMatchObject([{ name: "made.dir", kind: "archive" }]);
  });

  it.each([
    outside,
    base,
    "/",
    join(root, "way-out"),
    join(root, ".."),
    `${root}/inner/../../root-of-others`,
    "inner",
    "",
    join(root, "absent"),
    `${root}\u0000`,
  ])("refuses %j, and says no more of it", async (path) => {
    await expect(browseFolder(path, roots)).rejects.toMatchObject(refused);
  });

  it("begins where backups go, and goes where they went", async () => {
    const home = { ...locateHome({ LIFEBOAT_HOME: base }), backupsFolder: root };
    const found = await browseRoots(home, [outside, "/absent/folder"]);
    expect(found[0]).toEqual({ path: root, label: "Backups" });
    expect(found.map(({ path }) => path)).toContain(outside);
    expect(found.map(({ path }) => path)).not.toContain("/");
  });
});
