import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityPlace, archiveOfArguments, archivePlace } from "../../../electron/shell/places.ts";
import { readWindowState, writeWindowState } from "../../../electron/shell/window-state.ts";
import { parseRoute } from "../../../renderer/features/shell/route.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeboat-places-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("addresses within the page", () => {
  it("are what the page's router reads, whatever a path holds", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (path) => {
        expect(parseRoute(archivePlace(path))).toEqual({ screen: "archive", path, dumpId: undefined });
      }),
    );
    expect(parseRoute(activityPlace("01J"))).toEqual({ screen: "activity", jobId: "01J" });
  });
});

describe("a command line", () => {
  it("names an archive by its ending, if it is there", () => {
    writeFileSync(join(folder, "shop.DUMP"), "");
    writeFileSync(join(folder, "toc.dat"), "");
    writeFileSync(join(folder, "main.js"), "");
    const of = (...args: string[]) => archiveOfArguments(["/opt/lifeboat", ...args], folder);
    expect(of("shop.DUMP")).toBe(join(folder, "shop.DUMP"));
    expect(of(".", "--flag=x", join(folder, "shop.DUMP"), "--other")).toBe(join(folder, "shop.DUMP"));
    expect(of("toc.dat")).toBe(folder);
    expect(of("main.js")).toBeNull();
    expect(of("gone.dump")).toBeNull();
    expect(of()).toBeNull();
    expect(archiveOfArguments(["shop.DUMP"], folder)).toBeNull();
  });
});

describe("the window's place", () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  const kept = async (bounds: object) => {
    const path = join(folder, "window.json");
    writeFileSync(path, JSON.stringify({ bounds, isMaximized: true }));
    return readWindowState(path, screens);
  };

  it("is the one it had, if that is on a screen", async () => {
    const bounds = { x: 100, y: 50, width: 1200, height: 800 };
    const path = join(folder, "written.json");
    await writeWindowState(path, { bounds, isMaximized: false });
    expect(await readWindowState(path, screens)).toEqual({ bounds, isMaximized: false });
    expect(await kept({ x: 3000, y: 50, width: 1200, height: 800 })).toEqual({ bounds: null, isMaximized: true });
    expect(await kept({ x: 0, y: -500, width: 1200, height: 800 })).toMatchObject({ bounds: null });
    expect(await kept({ x: 0, y: 0, width: 10, height: 10 })).toMatchObject({ bounds: null });
  });

  it("is the system's choice where none was kept or none makes sense", async () => {
    expect(await readWindowState(join(folder, "none.json"), screens)).toEqual({ bounds: null, isMaximized: false });
    expect(await kept({ x: "0" })).toEqual({ bounds: null, isMaximized: false });
  });
});
