import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { locateHome } from "../../../electron/home.ts";
import { openProfileStore } from "../../../electron/profiles/profile-store.ts";
import { resolveConnection, secretAccount } from "../../../electron/profiles/resolve-connection.ts";
import { createMemoryStore } from "../../../electron/secrets/memory.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import type { SecretStore } from "../../../electron/secrets/secret-store.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ConnectionProfile, PasswordSource } from "../../../shared/profile/profile.ts";
import { buildTarget } from "../../../shared/profile/target.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lifeboat-resolve-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const services = (env: NodeJS.ProcessEnv = {}, secrets: SecretStore = createMemoryStore()) => ({
  home: locateHome({ LIFEBOAT_HOME: join(root, "home") }),
  env: { HOME: root, PGSYSCONFDIR: root, ...env },
  secrets,
});

async function addProfile(passwordSource: PasswordSource, changes: Partial<ConnectionProfile> = {}): Promise<void> {
  const profile: ConnectionProfile = {
    name: "shop",
    hosts: [{ host: "db.example.org", port: 5433 }],
    database: "shop",
    user: "me",
    sslMode: "verify-full",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    service: null,
    passwordSource,
    environment: "production",
    colour: null,
    ...changes,
  };
  await openProfileStore(services().home).add(profile);
}

test("nothing named, and two things named, is wrong usage", async () => {
  await expect(resolveConnection({}, services())).rejects.toMatchObject({ code: "usage.invalid" });
  await expect(resolveConnection({}, services({ PGUSER: "me" }))).rejects.toMatchObject({ code: "usage.invalid" });
  await expect(resolveConnection({ profile: "a", url: "postgres://h" }, services())).rejects.toMatchObject({
    code: "usage.invalid",
  });
});

test("the URL beats the service, the service beats the environment", async () => {
  writeFileSync(join(root, ".pg_service.conf"), "[s]\nhost=service\nport=1111\nuser=service\nodd=1\n");
  const { target, warnings } = await resolveConnection(
    { url: "postgresql://url-user@/?service=s" },
    services({ PGHOST: "environment", PGPORT: "2222", PGDATABASE: "environment", PGSSLMODE: "require" }),
  );
  expect(target).toMatchObject({
    hosts: [{ host: "service", port: 1111 }],
    user: "url-user",
    database: "environment",
    sslMode: "require",
  });
  expect(warnings).toEqual([expect.stringContaining("“odd”")]);
  await expect(resolveConnection({}, services({ PGSERVICE: "none" }))).rejects.toMatchObject({
    code: "connection.invalid",
  });
  writeFileSync(join(root, "pg_service.conf"), "[everyone]\nhost=system\n");
  expect((await resolveConnection({}, services({ PGSERVICE: "everyone" }))).target.hosts[0]?.host).toBe("system");
});

async function from(url: string, env: NodeJS.ProcessEnv = {}): Promise<(string | null)[]> {
  const { password, passwordFrom } = await resolveConnection({ url }, services(env));
  return [password?.reveal() ?? null, passwordFrom];
}

test("passwords: URL, service, PGPASSWORD, .pgpass", async () => {
  writeFileSync(join(root, ".pgpass"), "h:5432:*:me:filed\n", { mode: 0o600 });
  writeFileSync(join(root, ".pg_service.conf"), "[s]\npassword=served\n");
  expect(await from("postgresql://me:given@h", { PGPASSWORD: "p" })).toEqual(["given", "the URL"]);
  expect(await from("postgresql://me@h?service=s", { PGPASSWORD: "p" })).toEqual(["served", "the service s"]);
  expect(await from("host=h user=me", { PGPASSWORD: "p" })).toEqual(["p", "PGPASSWORD"]);
  expect(await from("host=h user=me")).toEqual(["filed", `${join(root, ".pgpass")}, line 1`]);
  expect(await from("host=other user=me")).toEqual([null, "none"]);
});

test("a profile's password comes from where it says, and what is missing is said", async () => {
  await addProfile("keychain");
  const secrets = createMemoryStore();
  const kept = services({}, secrets);
  const before = await resolveConnection({ profile: "shop" }, kept);
  expect(before).toMatchObject({ password: null, passwordFrom: "none" });
  expect(before.warnings).toEqual([expect.stringContaining("Nothing is kept")]);
  await secrets.write(secretAccount("shop", kept.home), new Secret("kept"));
  const after = await resolveConnection({ profile: "shop" }, services({ PGPASSWORD: "p" }, secrets));
  expect([after.password?.reveal(), after.passwordFrom, after.warnings]).toEqual(["kept", secrets.place, []]);
  expect(after.target).toMatchObject({ sslMode: "verify-full", profile: "shop" });
  expect(JSON.stringify(after)).not.toContain('"kept"');
});

test("where the keychain fails, the person is asked, and only when the server wants a password", async () => {
  // AuthenticationCleartextPassword, then AuthenticationOk: the two answers to a startup message that matter here.
  const answers = [Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]), Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answers.shift() ?? ""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await addProfile("keychain", { hosts: [{ host: "127.0.0.1", port }], sslMode: "disable" });
  const broken: SecretStore = {
    ...createMemoryStore(),
    read: () => Promise.reject(new AppError("secrets.unavailable", "There is no keychain here: x.")),
  };
  const questions: string[] = [];
  const ask = (question: string) => Promise.resolve(new Secret(`typed ${questions.push(question)}`));
  const asked = await resolveConnection({ profile: "shop" }, { ...services({}, broken), ask });
  expect([asked.password?.reveal(), asked.passwordFrom]).toEqual(["typed 1", "your answer"]);
  expect(asked.warnings).toEqual(["There is no keychain here: x."]);
  const open = await resolveConnection({ profile: "shop" }, { ...services({}, broken), ask });
  expect([open.password, open.passwordFrom]).toEqual([null, "none"]);
  expect(questions).toEqual([`Password for shop on 127.0.0.1:${port} as me:`]);
  server.close();
});

test("a profile with no password takes none from anywhere", async () => {
  await addProfile("none");
  const { password } = await resolveConnection({ profile: "shop" }, services({ PGPASSWORD: "p" }));
  expect(password).toBeNull();
});

test("certificates in libpq's own folder are taken up", async () => {
  mkdirSync(join(root, ".postgresql"));
  for (const name of ["root.crt", "postgresql.crt", "postgresql.key"]) {
    writeFileSync(join(root, ".postgresql", name), "x");
  }
  const { target } = await resolveConnection({ url: "postgresql://me@h?sslmode=verify-full" }, services());
  expect([target.sslRootCert, target.sslCert, target.sslKey]).toEqual(
    ["root.crt", "postgresql.crt", "postgresql.key"].map((name) => join(root, ".postgresql", name)),
  );
});

test("where libpq would find no root certificate, the system's roots stand in for verify-full alone", async () => {
  const bundle = join(root, "bundle.pem");
  writeFileSync(bundle, "x");
  const rootOf = async (mode: string) =>
    (await resolveConnection({ url: `postgresql://me@h?sslmode=${mode}` }, services({ SSL_CERT_FILE: bundle }))).target
      .sslRootCert;
  expect(await rootOf("verify-full")).toBe(bundle);
  expect(await rootOf("verify-full&sslrootcert=system")).toBe(bundle);
  expect(await rootOf("require")).toBeNull();
  await expect(rootOf("verify-ca")).rejects.toMatchObject({ code: "connection.tls" });
});

test("without any user name there is no guess", () => {
  const nobody = { host: "localhost", user: "" };
  expect(() => buildTarget({ dbname: "x" }, nobody)).toThrow(expect.objectContaining({ code: "connection.invalid" }));
  expect(buildTarget({ user: "me" }, nobody).target.database).toBe("me");
});
