import { spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { requirement } from "../../helpers/requirement.ts";

const fixture = resolve(import.meta.dirname, "../../fixtures/cli/ask-fixture.ts");
const isLinux = process.platform === "linux";
const pty = requirement(
  "script of util-linux, for a terminal",
  isLinux && spawnSync("script", ["--version"]).status === 0,
  "apt-get install util-linux",
);

/** Runs the fixture on a terminal of its own and types one text after each question. */
async function typeInto(answers: readonly string[]): Promise<string> {
  const child = spawn("script", ["-qec", `${process.execPath} ${fixture}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  let asked = 0;
  child.stdout.on("data", (chunk) => {
    screen += String(chunk);
    const questions = screen.match(/(Password|Name): /g)?.length ?? 0;
    if (questions > asked) {
      // A moment for raw mode: the question is on the screen just before or after it is switched on.
      setTimeout(() => child.stdin.write(answers[questions - 1] ?? ""), 200);
      asked = questions;
    }
  });
  await new Promise((settle) => child.on("close", settle));
  return screen;
}

describe("asking", () => {
  it.skipIf(pty !== "run")(`does not show a secret, and shows what is none: ${pty}`, async () => {
    const screen = await typeInto(["hünter2\r", "shop\r"]);
    const [beforeAnswer = "", rest = ""] = screen.split('answer "hünter2"');
    expect(beforeAnswer).not.toContain("nter2");
    expect(rest).toMatch(/Name: .*shop[^]*answer "shop"/);
  });

  it.skipIf(pty !== "run")(`ends unanswered at Ctrl-C, which stays a signal, and at Ctrl-D: ${pty}`, async () => {
    const screen = await typeInto(["hun\u0003", "\u0004"]);
    expect(screen).toContain("got SIGINT");
    expect(screen.match(/answer null/g)).toHaveLength(2);
  });

  it("gives no answer without a terminal, and asks nothing", () => {
    const { stdout, stderr } = spawnSync(process.execPath, [fixture], { input: "typed\n", encoding: "utf8" });
    expect(stdout).toBe("answer null\nanswer null\n");
    expect(stderr).toBe("");
  });
});
