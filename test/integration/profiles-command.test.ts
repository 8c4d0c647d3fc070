import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const major = availableMajors().includes(15) ? 15 : availableMajors().at(-1);
const run = requirement("a PostgreSQL server", major !== undefined, serversRemedy);
const password = "Sesame@99/open:up";
const cliScript = resolve(import.meta.dirname, "../../electron/cli.ts");

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(run !== "run")(`profiles and preflight as commands (${run})`, () => {
  let server: TestServer;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "lifeboat-cli-profiles-"));
    server = await startServer(major!, { password });
    await server.run("create role reader login password 'r'; create table secret_table (id int)");
  });
  afterAll(async () => {
    rmSync(home, { recursive: true, force: true });
    await server?.stop();
  });

  const execute = (args: string[], options: { stdin?: string; wrapper?: string[]; env?: object } = {}): Promise<End> =>
    new Promise((done) => {
      const words = [...(options.wrapper ?? []), process.execPath, cliScript, ...args];
      const child = spawn(words[0]!, words.slice(1), {
        env: {
          PATH: process.env["PATH"],
          HOME: home,
          XDG_RUNTIME_DIR: home,
          LIFEBOAT_HOME: join(home, "state"),
          ...options.env,
        },
        stdio: "pipe",
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk) => (stdout += String(chunk)));
      child.stderr.on("data", (chunk) => (stderr += String(chunk)));
      child.stdin.on("error", () => {});
      child.stdin.end(options.stdin ?? "");
      child.on("close", (code) => done({ code, stdout, stderr }));
    });
  /** In a session with an unlocked keyring; several commands in one, because the keyring ends with it. */
  const withKeyring = (script: string, options: { stdin?: string } = {}): Promise<End> =>
    execute([], {
      ...options,
      wrapper: [
        "dbus-run-session",
        "--",
        "/bin/bash",
        "-c",
        `printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; lifeboat() { "$0" "$1" "\${@:2}"; }; L=("$0" "$1"); ${script}`,
      ],
    });
  const plainUrl = () => `postgresql://postgres@127.0.0.1:${server.port}/postgres`;

  test("with .pgpass: add, list, test, preflight, remove; no password in any file of ours", async () => {
    writeFileSync(join(home, ".pgpass"), `*:${server.port}:*:postgres:${password.replaceAll(":", "\\:")}\n`, {
      mode: 0o600,
    });
    const added = await execute([
      "profiles",
      "add",
      "shop",
      "--url",
      plainUrl(),
      "--environment",
      "production",
      "--colour",
      "#c62828",
      "--password-from",
      "pgpass",
      "--json",
    ]);
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(added.stdout)).toMatchObject({
      name: "shop",
      sslMode: "prefer",
      passwordSource: "pgpass",
      environment: "production",
    });

    expect((await execute(["profiles"])).stdout).toMatch(
      /shop +127\.0\.0\.1:\d+ +postgres +postgres +prefer +pgpass +production/,
    );
    const tested = await execute(["profiles", "test", "shop", "--json"]);
    expect(tested.code).toBe(0);
    expect(JSON.parse(tested.stdout)).toMatchObject({
      ok: true,
      steps: expect.arrayContaining([
        { step: "login", state: "ok", message: expect.stringContaining(".pgpass, line 1") },
      ]),
    });

    const looked = await execute(["preflight", "--profile", "shop", "--json"]);
    const report = JSON.parse(looked.stdout);
    expect(report).toMatchObject({
      database: "postgres",
      tables: [{ name: "secret_table" }],
      server: { encoding: "UTF8" },
    });
    expect(looked.code).toBe(report.ok ? 0 : 1);
    expect((await execute(["preflight", "--profile", "shop"])).stdout).toContain("PostgreSQL");

    for (const file of readdirSync(join(home, "state"))) {
      const path = join(home, "state", file);
      expect(statSync(path).isFile() ? readFileSync(path, "latin1") : "").not.toContain("Sesame");
    }
    expect((await execute(["profiles", "add", "shop", "--url", plainUrl()])).code).toBe(1);
    expect(await execute(["profiles", "remove", "shop"])).toMatchObject({ code: 0 });
    expect((await execute(["profiles", "remove", "shop"])).code).toBe(1);
    rmSync(join(home, ".pgpass"));
  });

  test("a test names the step that fails, and ends with 1", async () => {
    const failing: [string, string, string][] = [
      ["gone", `postgresql://postgres@127.0.0.1:1/x`, "port"],
      ["nowhere", "postgresql://postgres@db.invalid/x?sslmode=require", "name"],
      ["plain", `${plainUrl()}?sslmode=require`, "TLS"],
      ["locked", plainUrl(), "login"],
    ];
    for (const [name, url, step] of failing) {
      // oxlint-disable no-await-in-loop -- one after the other, for two cores
      await execute(["profiles", "add", name, "--url", url, "--password-from", "none"]);
      const end = await execute(["profiles", "test", name, "--json"]);
      // oxlint-enable no-await-in-loop
      expect(end.code).toBe(1);
      const { steps, error } = JSON.parse(end.stdout);
      expect(steps.find((result: { state: string }) => result.state === "failed").step).toBe(step);
      expect(error.code).toMatch(/^connection\./);
    }
    const wrong = await execute(["profiles", "test", "locked"], { env: { PGPASSWORD: "Wr0ng" } });
    expect(wrong.stdout).toContain("failed");
    expect(wrong.stdout + wrong.stderr).not.toContain("Wr0ng");
    await execute([
      "profiles",
      "add",
      "reader",
      "--url",
      plainUrl().replace("postgres@", "reader@"),
      "--password-from",
      "ask",
    ]);
    const reader = await execute(["profiles", "test", "reader"], { env: { PGPASSWORD: "r" } });
    expect(reader.stdout).toMatch(/privileges +failed/);
    const looked = await execute(["preflight", "--profile", "reader"], { env: { PGPASSWORD: "r" } });
    expect(looked.code).toBe(1);
    expect(looked.stdout).toContain("public.secret_table");
  });

  test("without a keychain a given password is not stored anywhere, and it says what to do", async () => {
    const end = await execute([
      "profiles",
      "add",
      "kept",
      "--url",
      `postgresql://me:${encodeURIComponent(password)}@db.example.org/x`,
      "--json",
    ]);
    expect(end.code).toBe(1);
    const { error } = JSON.parse(end.stdout);
    expect(error).toMatchObject({
      code: "secrets.unavailable",
      hint: expect.stringContaining("--password-from pgpass"),
    });
    expect(end.stdout + end.stderr).not.toMatch(/Sesame/);
    expect((await execute(["profiles"])).stdout).not.toContain("kept");
  });

  test("a raw @ in the password is explained and not repeated", async () => {
    const end = await execute(["profiles", "add", "raw", "--url", "postgresql://me:hunter2@x@h/db"]);
    expect(end.code).toBe(1);
    expect(end.stderr).toContain("%40");
    expect(end.stdout + end.stderr).not.toContain("hunter2");
  });

  const keyring = requirement(
    "dbus-run-session and gnome-keyring",
    process.platform === "linux" && hasKeyring(),
    "apt install gnome-keyring dbus libsecret-1-0",
  );

  test.skipIf(keyring !== "run")(`in the keychain: kept, used, forgotten (${keyring})`, async () => {
    const end = await withKeyring(
      `printf '%s' '${password}' | "\${L[@]}" profiles add ring --url '${plainUrl()}' --password-stdin --json || exit 10
       "\${L[@]}" profiles test ring --json || exit 11
       "\${L[@]}" profiles remove ring --json || exit 12
       "\${L[@]}" profiles add ring --url '${plainUrl()}' --password-from ask --json || exit 13
       "\${L[@]}" profiles test ring --json && exit 14
       exit 0`,
    );
    expect(end.stdout).toContain('"passwordSource":"keychain"');
    expect(end.stdout).toContain("password from the keychain");
    expect(end.code).toBe(0);
    expect(end.stdout + end.stderr).not.toContain("Sesame");
  });
});

function hasKeyring(): boolean {
  const folders = (process.env["PATH"] ?? "").split(":");
  return ["dbus-run-session", "gnome-keyring-daemon"].every((program) =>
    folders.some((folder) => statSync(join(folder, program), { throwIfNoEntry: false })?.isFile()),
  );
}
