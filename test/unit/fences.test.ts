import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

interface Import {
  readonly file: string;
  /** What is imported: a path from the root for files of ours, else the package's or Node's own name. */
  readonly target: string;
  readonly kind: "static" | "type" | "dynamic";
}

const files = globSync("{shared,electron,renderer}/**/*.{ts,tsx}", { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".d.ts"));

/** Import lines as they stand in the source: `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`. */
function readImports(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const resolved = (specifier: string) =>
    specifier.startsWith(".") ? normalize(join(dirname(file), specifier)).replaceAll("\\", "/") : specifier;
  const statics = text.matchAll(/^\s*(?:import|export)\s(?!\()(?:([^;"]*?)\sfrom\s*)?"([^"]+)"/gm);
  const dynamics = text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g);
  return [
    ...Array.from(statics, ([, names = "", specifier = ""]): Import => {
      return { file, target: resolved(specifier), kind: names.trim().startsWith("type ") ? "type" : "static" };
    }),
    ...Array.from(dynamics, ([, specifier = ""]): Import => {
      return { file, target: resolved(specifier), kind: "dynamic" };
    }),
  ];
}

const imports = files.flatMap(readImports);

/** Every import that crosses a fence, as lines a person can act on. */
function crossings(isWrong: (line: Import) => boolean): string[] {
  return imports.filter(isWrong).map(({ file, target }) => `${file} imports ${target}`);
}

const under = (path: string, ...folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (target: string) => under(target, "shared", "electron", "renderer", "test", "resources");
const packageOf = (target: string) => target.split("/", target.startsWith("@") ? 2 : 1).join("/");

const isForeign = (target: string) => !isOurs(target) && !target.startsWith("node:") && target !== "package.json";

describe("import lines", () => {
  it("are read at all", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports).toContainEqual({ file: "electron/cli.ts", target: "electron/cli/main.ts", kind: "dynamic" });
    expect(imports).toContainEqual({ file: "electron/cli/cli.ts", target: "commander", kind: "type" });
  });

  it("of shared stay in shared; zod is its one package", () => {
    expect(
      crossings(({ file, target }) => under(file, "shared") && !under(target, "shared") && target !== "zod"),
    ).toEqual([]);
  });

  it("never join renderer and electron, in either direction", () => {
    expect(crossings(({ file, target }) => under(file, "renderer") && under(target, "electron"))).toEqual([]);
    expect(crossings(({ file, target }) => under(file, "electron") && under(target, "renderer"))).toEqual([]);
    expect(crossings(({ file, target }) => under(file, "renderer") && target.startsWith("node:"))).toEqual([]);
  });

  it("never lead into tests", () => {
    expect(crossings(({ target }) => under(target, "test"))).toEqual([]);
  });

  it.each([
    ["pg", ["electron/postgres/connect.ts"]],
    ["execa", ["electron/tools/run-tool.ts"]],
    ["keytar", ["electron/secrets/keychain.ts"]],
    ["ws", ["electron/host/socket-door.ts"]],
    ["@aws-sdk/client-s3", ["electron/storage/s3-storage.ts"]],
    ["ssh2", ["electron/ssh/ssh-connection.ts", "electron/ssh/key-formats.ts"]],
    ["string-width", ["electron/cli/text-width.ts"]],
    ["age-encryption", ["electron/encryption/age-package.ts"]],
    ["@noble/curves", ["electron/encryption/ssh-stanza.ts"]],
    ["hyparquet-writer", ["electron/rows/parquet-package.ts"]],
    ["uqr", ["electron/encryption/kit-page.ts"]],
  ])("let %s in at its one door", (vendor, doors) => {
    expect(crossings(({ file, target }) => packageOf(target) === vendor && !doors.includes(file))).toEqual([]);
  });

  it("let commander into the command line alone, and electron into the window's files alone", () => {
    expect(crossings(({ file, target }) => target === "commander" && !under(file, "electron/cli"))).toEqual([]);
    const windowFiles = ["electron/main.ts", "electron/preload.ts", "electron/host/ipc-host.ts"];
    const isWindow = (file: string) => under(file, "electron/shell") || windowFiles.includes(file);
    expect(crossings(({ file, target }) => target === "electron" && !isWindow(file))).toEqual([]);
  });

  it("name only packages that package.json names", () => {
    const manifest: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    // Electron is the program the window runs in, not a package it carries.
    const known = new Set([...Object.keys(manifest.dependencies), "electron"]);
    expect(crossings(({ target }) => isForeign(target) && !known.has(packageOf(target)))).toEqual([]);
  });
});

describe("inside electron", () => {
  const faces = ["electron/cli", "electron/handlers", "electron/host", "electron/shell"];
  const ground = ["tools", "storage", "postgres", "secrets", "archives", "profiles", "encryption", "ssh"].map(
    (room) => `electron/${room}`,
  );
  const mayBeGround = (target: string) => under(target, ...ground) || /^electron\/[^/]+\.ts$/.test(target);
  const isFace = (path: string) => under(path, ...faces) || /^electron\/(app|main|preload|serve|cli)\.ts$/.test(path);

  it("services know nothing of the faces over them: command line, handlers, window", () => {
    expect(crossings(({ file, target }) => under(file, "electron") && !isFace(file) && isFace(target))).toEqual([]);
  });

  it("tools, storage, postgres, secrets, archives, profiles, encryption and ssh know nothing of what is built on them", () => {
    expect(
      crossings(({ file, target }) => under(file, ...ground) && under(target, "electron") && !mayBeGround(target)),
    ).toEqual([]);
  });
});

describe("a command's start", () => {
  it("loads nothing heavy before the command's own file", () => {
    const seen = new Set<string>();
    const heavy: string[] = [];
    const walk = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const line of imports.filter((each) => each.file === file && each.kind === "static")) {
        if (isOurs(line.target)) walk(line.target);
        else if (!["commander"].includes(line.target) && !line.target.startsWith("node:")) heavy.push(line.target);
        else if (line.target === "node:sqlite") heavy.push(line.target);
      }
    };
    walk("electron/cli/main.ts");
    expect(seen.size).toBeGreaterThan(10);
    expect(heavy.filter((target) => target !== "package.json")).toEqual([]);
  });
});

describe("every room", () => {
  const rooms = new Set(files.filter((file) => file.split("/").length > 2).map((file) => file.split("/", 2).join("/")));
  const doors = ["shared", "electron", ...rooms].toSorted();

  it.each(doors)("%s has a door plate of at most 40 lines", (room) => {
    const path = join(root, room, "README.md");
    expect(existsSync(path), `${room}/README.md is missing`).toBe(true);
    expect(readFileSync(path, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });
});
