import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createMemoryStore } from "../../electron/secrets/memory.ts";
import { requirement } from "../helpers/requirement.ts";
import { misbehaviour } from "./secret-store-contract.ts";

test("memory", async () => {
  expect(await misbehaviour(createMemoryStore())).toEqual([]);
});

function hasProgram(name: string): boolean {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const keyring = requirement(
  "dbus-run-session and gnome-keyring",
  hasProgram("dbus-run-session") && hasProgram("gnome-keyring-daemon"),
  "apt install libsecret-1-0 gnome-keyring dbus",
);

describe.skipIf(process.platform !== "linux")("keychain", () => {
  const home = mkdtempSync(join(tmpdir(), "lifeboat-keyring-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** Runs a module text in a Node of its own, with nothing of this session's desktop, and gives its output as JSON. */
  const evaluate = (script: string, wrapper: readonly string[]): unknown => {
    const room = new URL("../../electron/secrets/", import.meta.url).href;
    const [program = process.execPath, ...before] = wrapper;
    const args = [...before, ...(wrapper.length > 0 ? [process.execPath] : [])];
    const module = `const { createKeychainStore, probeKeychain } = await import("${room}keychain.ts");
      const { misbehaviour } = await import("${new URL("secret-store-contract.ts", import.meta.url).href}");
      console.log(JSON.stringify(await (async () => { ${script} })()));`;
    const output = execFileSync(program, [...args, "--input-type=module", "--eval", module], {
      env: { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: home, NODE_NO_WARNINGS: "1" },
      encoding: "utf8",
      timeout: 25_000,
    });
    return JSON.parse(output);
  };
  const unlocked = [
    "dbus-run-session",
    "--",
    "/bin/sh",
    "-c",
    'printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; exec "$@"',
    "sh",
  ];

  test.skipIf(keyring !== "run")(`behaves like every store (${keyring})`, () => {
    expect(evaluate("return await misbehaviour(createKeychainStore())", unlocked)).toEqual([]);
    expect(evaluate("return await probeKeychain()", unlocked)).toEqual({ available: true, reason: null });
  });

  test("without a desktop session it says so and does not fail", () => {
    expect(evaluate("return await probeKeychain()", [])).toEqual({
      available: false,
      reason: expect.stringMatching(/^There is no keychain here: (no desktop session|libsecret)/),
    });
    expect(
      evaluate("return await createKeychainStore().read('x').catch((error) => error.toValue())", []),
    ).toMatchObject({ code: "secrets.unavailable", hint: expect.stringContaining(".pgpass") });
  });

  test.skipIf(keyring !== "run")(`with a session but no keyring service it says so (${keyring})`, () => {
    // A bus that starts no services by itself.
    const bare = `<busconfig><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;
    const answer = evaluate("return await probeKeychain()", [
      "/bin/sh",
      "-c",
      `printf '%s' '${bare}' > "$HOME/bus.conf"; exec dbus-run-session --config-file="$HOME/bus.conf" -- "$@"`,
      "sh",
    ]);
    expect(answer).toEqual({ available: false, reason: expect.stringContaining("no keyring service") });
  });
});
