import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { findStaticFile } from "../../../electron/host/static-files.ts";

const root = mkdtempSync(join(tmpdir(), "lifeboat-static-"));
const folder = join(root, "renderer");
mkdirSync(join(folder, "assets"), { recursive: true });
writeFileSync(join(folder, "index.html"), "<!doctype html>");
writeFileSync(join(folder, "assets", "app-1a2B.js"), "1");
writeFileSync(join(folder, "assets", "notes.txt"), "no type of ours");
writeFileSync(join(folder, ".secret.json"), "{}");
writeFileSync(join(root, "outside.json"), "{}");
symlinkSync(join(root, "outside.json"), join(folder, "link.json"));
symlinkSync(root, join(folder, "up"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("files of the window", () => {
  it("are found with type and lifetime", async () => {
    expect(await findStaticFile(folder, "/")).toMatchObject({ type: "text/html; charset=utf-8", isImmutable: false });
    expect(await findStaticFile(folder, "/assets/app-1a2B.js")).toMatchObject({
      type: "text/javascript; charset=utf-8",
      sizeBytes: 1,
      isImmutable: true,
    });
  });

  it.each([
    "/../outside.json",
    "/..%2foutside.json",
    "/%2e%2e/outside.json",
    "/assets/../../outside.json",
    "//outside.json",
    "/link.json",
    "/up/outside.json",
    "/.secret.json",
    "/assets",
    "/assets/",
    "/assets/notes.txt",
    "/assets/app-1a2B.js/",
    "/assets\\..\\..\\outside.json",
    "/index.html\u0000.js",
    "/index.html%00.js",
    "/C:/Windows/win.ini",
    "index.html",
    "",
    "*",
    "http://127.0.0.1/index.html",
    `${root}/outside.json`,
    "/absent.js",
  ])("are nothing else: %j", async (path) => {
    expect(await findStaticFile(folder, path)).toBeNull();
  });

  it("never lie outside, whatever is asked for", async () => {
    const pieces = fc.constantFrom(
      "..",
      ".",
      "/",
      "\\",
      "%2e",
      "%2f",
      "outside.json",
      "assets",
      "up",
      "link.json",
      "\0",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 8 }), async (parts) => {
        expect(await findStaticFile(folder, `/${parts.join("")}`)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});
