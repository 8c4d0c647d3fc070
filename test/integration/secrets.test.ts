import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchProcesses } from "../helpers/process-watch.ts";
import { type CliEnd, runCli } from "../helpers/run-cli.ts";
import { requirement, startServer, type TestServer } from "../helpers/servers.ts";

/** With something for each way of writing it: URLs, conninfo, passfiles, SQL, shells, JSON. */
const password = `S3same öffne: 'd"ich'\\ %41&x`;
const wrong = "Wr0ng-Sesam";
const need = requirement("Linux, to look into /proc", process.platform === "linux");

describe.skipIf(need !== "run")(`a password never shows (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-secrets-"));
  const home = join(folder, "home");
  const backups = join(folder, "backups");
  const passfile = join(folder, "my.pgpass");
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(15, { password });
    await server.run("create database shop");
    await server.run(
      `create table orders as select n as id, md5(n::text) || md5((n + 1)::text) as note from generate_series(1, 150000) n;
       alter table orders add primary key (id)`,
      "shop",
    );
    writeFileSync(passfile, `127.0.0.1:*:*:postgres:${password.replaceAll(/[\\:]/g, "\\$&")}\n`);
    chmodSync(passfile, 0o600);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything that was said, everything that any process showed. */
  const said: string[] = [];

  async function lifeboat(args: readonly string[], env: Record<string, string>): Promise<CliEnd> {
    const connection = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: "postgres", PGDATABASE: "shop" };
    const end = await runCli(args, { env: { LIFEBOAT_HOME: home, LIFEBOAT_DEBUG: "1", ...connection, ...env } });
    said.push(end.stdout, end.stderr);
    return end;
  }

  const ways = [
    ["PGPASSWORD", () => ({ PGPASSWORD: password })],
    ["a passfile", () => ({ PGPASSFILE: passfile })],
  ] as const;

  it.each(ways)("through backups, restores, verification and their records: %s", async (way, given) => {
    const env = given();
    const into = ["--into", `postgresql://postgres@${server.host}:${server.port}/shop`];
    const watch = watchProcesses();

    const whole = await lifeboat(["backup", "--to", backups, "--globals", "--json", "--progress=json"], env);
    expect(whole.code, whole.stdout).toBe(0);
    const { path, id } = JSON.parse(whole.stdout);
    const parallel = await lifeboat(
      ["backup", "--to", join(backups, "dir"), "--format", "directory", "--jobs", "2"],
      env,
    );
    expect(parallel.code, parallel.stderr).toBe(0);
    expect((await lifeboat(["preflight", "--json"], env)).code).toBe(0);
    expect((await lifeboat(["verify", path], env)).code).toBe(0);

    const name = `back by ${way}`;
    const restored = await lifeboat(["restore", path, ...into, "--as", name, "--jobs", "2", "--progress=json"], env);
    expect(restored.code, restored.stderr).toBe(0);
    expect((await lifeboat(["restore", path, ...into, "--as", "dry", "--dry-run", "--json"], env)).code).toBe(0);
    const clash = await lifeboat(["restore", path, ...into, "--mode", "as-is", "--yes"], env);
    expect(clash.code).toBe(1);
    const failed = await lifeboat(["backup", "--to", backups, "--table", "nowhere", "--json"], env);
    expect(failed.code).toBe(1);

    const jobs = await lifeboat(["jobs", "--json"], {});
    const [last, ...others] = JSON.parse(jobs.stdout).map((job: { id: string }) => job.id);
    expect((await lifeboat(["jobs", "retry", last], env)).code).toBe(1);
    for (const job of [last, ...others]) expect((await lifeboat(["log", job], {})).stdout).toContain("State:");
    expect((await lifeboat(["backups", "--in", backups, "--json"], {})).stdout).toContain(id);

    const { commandLines, environments } = watch.stop();
    expect([...commandLines].join("\n")).toMatch(/pg_dump .*--dbname=dbname='shop'[^]*pg_restore .*--dbname=/);
    expectNoSecret([...commandLines].join("\n"), "a command line");
    expect(environments.size).toBeGreaterThan(2);
    expectNoSecret([...environments].join("\n"), "the environment of a tool");
  });

  it("in a URL: only on the command line that the person wrote", async () => {
    const watch = watchProcesses();
    const url = server.url("shop");
    const backup = await lifeboat(["backup", "--url", url, "--to", backups, "--json"], {});
    expect(backup.code, backup.stdout).toBe(0);
    const { path } = JSON.parse(backup.stdout);
    const restore = await lifeboat(["restore", path, "--into", url, "--as", "back by URL", "--json"], {});
    expect(restore.code, restore.stdout).toBe(0);
    const conninfo = `host=${server.host} port=${server.port} user=postgres dbname=shop password=${wrong}`;
    expect((await lifeboat(["backup", "--url", conninfo, "--to", backups], {})).code).toBe(1);
    expect(
      (await lifeboat(["backup", "--url", `postgresql://postgres:${wrong}@${server.host}:x/shop`], {})).code,
    ).not.toBe(0);
    expect(
      (await lifeboat(["profiles", "add", "shop", "--url", url.replace(/:[^:@]*@/, `:${wrong}@`), "--json"], {}))
        .stdout,
    ).not.toBe("");
    const { commandLines, environments } = watch.stop();
    expectNoSecret([...commandLines].filter((line) => !isOurs(line)).join("\n"), "a command line of a child");
    expectNoSecret([...environments].join("\n"), "the environment of a tool");
  });

  it("a refused password, too", async () => {
    for (const args of [["backup", "--json"], ["preflight"], ["backup"]]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another, as a person would
      const end = await lifeboat([...args, ...(args[0] === "backup" ? ["--to", backups] : [])], { PGPASSWORD: wrong });
      expect(end.code).toBe(1);
      expect(end.stdout + end.stderr).toMatch(/password/);
    }
  });

  it("is in nothing that was said, and in no file: records, logs, manifests, archives, the server's log", () => {
    expectNoSecret(said.join("\n"), "what was printed");
    expect(said.join("").length).toBeGreaterThan(10_000);
    const files = [home, backups].flatMap((root) =>
      readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
    );
    const names = files.map(({ parentPath, name }) => join(parentPath, name));
    expect(names.join("\n")).toMatch(/jobs\.db[^]*\.log/);
    for (const name of names) expectNoSecret(readFileSync(name, "utf8"), name);
    expectNoSecret(readFileSync(server.logFile, "utf8"), "the server's log");
    // Passfiles live as long as their tool.
    expect(readdirSync(join(home, "run"))).toEqual([]);
  });
});

/** The password as it is and in every way it could have been written. */
function expectNoSecret(text: string, where: string): void {
  const forms = [password, wrong].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll(/[\\:]/g, "\\$&"),
    secret.replaceAll(/[\\']/g, "\\$&"),
    secret.replaceAll("'", "''"),
    secret.replaceAll("'", `'\\''`),
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("hex"),
  ]);
  for (const form of forms) expect(text.includes(form), `${form} in ${where}`).toBe(false);
}

/** The command as the person typed it, whose arguments are theirs. */
function isOurs(line: string): boolean {
  return line.includes("electron/cli.ts");
}
