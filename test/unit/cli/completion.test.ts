import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { requirement } from "../../helpers/requirement.ts";
import { runCli } from "../../helpers/run-cli.ts";

function has(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

const bash = requirement("bash", has("bash"), "apt-get install bash");
const zsh = requirement("zsh", has("zsh"), "apt-get install zsh");

const source = await runCli(["completion", "bash"]);

/** What bash offers for a line, the cursor at its end. */
function completeInBash(words: string[]): string[] {
  const drive = `
    lifeboat() { [[ "$*" == "completion profiles" ]] && printf 'shop\\nshop-staging\\n'; }
    eval "$SCRIPT"
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
    _lifeboat
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", drive, "bash", ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], SCRIPT: source.stdout },
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

describe("completion", () => {
  it.skipIf(bash !== "run")(`in bash offers commands, sub-commands, options and fixed values: ${bash}`, () => {
    expect(completeInBash(["lifeboat", ""])).toEqual(expect.arrayContaining(["jobs", "log", "completion", "help"]));
    expect(completeInBash(["lifeboat", "jo"])).toEqual(["jobs"]);
    expect(completeInBash(["lifeboat", "jobs", ""])).toEqual(["cancel", "retry", "undo"]);
    expect(completeInBash(["lifeboat", "jobs", "--l"])).toEqual(["--limit"]);
    expect(completeInBash(["lifeboat", "jobs", "retry", "--progress", ""])).toEqual(["auto", "json"]);
    expect(completeInBash(["lifeboat", "jobs", "retry", "--progress", "=", "j"])).toEqual(["json"]);
    expect(completeInBash(["lifeboat", "jobs", "retry", "--progress", "="])).toEqual(["auto", "json"]);
    expect(completeInBash(["lifeboat", "completion", ""])).toEqual(["bash", "zsh"]);
    // A value that is a file is left to bash itself.
    expect(completeInBash(["lifeboat", "log", "/tm"])).toEqual([]);
  });

  it.skipIf(zsh !== "run")(`for zsh is a script that zsh accepts: ${zsh}`, async () => {
    const { stdout } = await runCli(["completion", "zsh"]);
    const checked = spawnSync("zsh", ["-f", "-n"], { input: stdout, encoding: "utf8" });
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  });

  it("for zsh describes every command and quotes what it says", async () => {
    const { stdout } = await runCli(["completion", "zsh"]);
    expect(stdout.startsWith("#compdef lifeboat\n")).toBe(true);
    expect(stdout).toContain("'log:a job'\\''s log'");
    // Quotes in balance: taking out whole quoted words leaves no quote behind.
    expect(stdout.replaceAll(/'[^']*'|\\'/g, "").includes("'")).toBe(false);
  });

  it("refuses other shells as wrong usage", async () => {
    const end = await runCli(["completion", "fish"]);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain("bash, zsh");
  });
});
