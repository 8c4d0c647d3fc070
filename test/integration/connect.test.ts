import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectOptions, connect, withSession } from "../../electron/postgres/connect.ts";
import { sqlStateOf } from "../../electron/postgres/query-error.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const major = availableMajors().at(-1);
const run = requirement("a PostgreSQL server", major !== undefined, serversRemedy);
const password = "s3cret: \\'ü";

function portOf(listener: Server): number {
  const address = listener.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

describe.skipIf(run !== "run")(`connect (${run})`, () => {
  let server: TestServer;
  let silent: Server;
  let other: Server;

  beforeAll(async () => {
    server = await startServer(major!, {
      password,
      tls: true,
      settings: { listen_addresses: "127.0.0.1,127.0.0.2" },
      hba: [
        "hostssl all onlytls all scram-sha-256",
        "hostnossl all onlytls all reject",
        "hostnossl all onlyplain all scram-sha-256",
        "hostssl all onlyplain all reject",
        "hostssl all certified all cert",
        "host all trusted all trust",
        "local all trusted trust",
      ],
    });
    await server.run(`create role onlytls login password 'x'; create role onlyplain login password 'x';
      create role trusted login; create role nologin; create role certified login`);
    await server.run("create database closed");
    await server.run("revoke connect on database closed from public");
    silent = createServer(() => {});
    other = createServer((socket) => socket.end("220 mail.example.org ESMTP\r\n"));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    silent?.close();
    other?.close();
    await server?.stop();
  });

  const attempt = (
    changes: Partial<ConnectionTarget>,
    secret: Secret | null = new Secret(password),
    o?: ConnectOptions,
  ) =>
    withSession({ ...server.target(), ...changes }, secret, o ?? {}, async (session) => {
      const [row] = await session.query<{ user: string; db: string; ssl: boolean; app: string; path: string }>(
        `select current_user::text as user, current_database()::text as db, ssl, current_setting('application_name') as app,
                current_setting('search_path') as path
         from pg_stat_ssl where pid = pg_backend_pid()`,
      );
      return { ...row, encrypted: session.encrypted, address: session.address, version: session.serverVersionNum };
    });
  const at = (host: string, port = server.port) => ({ hosts: [{ host, port }] });

  test("over TCP with TLS, by the socket without", async () => {
    const tcp = await attempt({ options: '-c search_path="a\\ b",c' });
    expect(tcp).toMatchObject({
      user: "postgres",
      db: "postgres",
      ssl: true,
      encrypted: true,
      app: "lifeboat",
      path: '"a b",c',
    });
    expect(Math.floor(tcp.version / 10000)).toBe(major);
    expect(await attempt(at(server.socketFolder))).toMatchObject({ ssl: false, encrypted: false });
  });

  test("the environment does not get in", async () => {
    process.env["PGOPTIONS"] = "-c search_path=leaked";
    process.env["PGSSLMODE"] = "disable";
    process.env["PGPASSWORD"] = "leaked";
    process.env["PGAPPNAME"] = "leaked";
    try {
      expect(await attempt({})).toMatchObject({ app: "lifeboat", path: '"$user", public', ssl: true });
      await expect(attempt({}, null)).rejects.toMatchObject({ code: "connection.passwordMissing" });
    } finally {
      for (const name of ["PGOPTIONS", "PGSSLMODE", "PGPASSWORD", "PGAPPNAME"]) delete process.env[name];
    }
  });

  describe("sslmode", () => {
    test.each<[ConnectionTarget["sslMode"], boolean]>([
      ["disable", false],
      ["allow", false],
      ["prefer", true],
      ["require", true],
    ])("%s", async (sslMode, encrypted) => {
      expect(await attempt({ sslMode })).toMatchObject({ encrypted, ssl: encrypted });
    });

    test("verify-ca and verify-full accept the right authority", async () => {
      const sslRootCert = server.caFile;
      expect(await attempt({ sslMode: "verify-full", sslRootCert })).toMatchObject({ ssl: true });
      expect(await attempt({ sslMode: "verify-full", sslRootCert, ...at("localhost") })).toMatchObject({ ssl: true });
      expect(await attempt({ sslMode: "verify-ca", sslRootCert, ...at("127.0.0.2") })).toMatchObject({ ssl: true });
    });

    test("verify-full refuses a certificate for another name", async () => {
      await expect(
        attempt({ sslMode: "verify-full", sslRootCert: server.caFile, ...at("127.0.0.2") }),
      ).rejects.toMatchObject({
        code: "connection.tls",
        message: expect.stringContaining("not for the name 127.0.0.2"),
      });
    });

    test("the system's roots do not vouch for a private authority, and a wrong root file does not either", async () => {
      const unknown = { code: "connection.tls", message: expect.stringContaining("not vouched for") };
      await expect(attempt({ sslMode: "verify-full", sslRootCert: "system" })).rejects.toMatchObject(unknown);
      await expect(attempt({ sslMode: "verify-ca" })).rejects.toMatchObject({
        code: "connection.tls",
        message: expect.stringContaining("needs a root certificate"),
      });
      await expect(attempt({ sslMode: "verify-ca", sslRootCert: "/nowhere/ca.crt" })).rejects.toMatchObject({
        code: "connection.tls",
        message: expect.stringContaining("/nowhere/ca.crt"),
      });
    });

    test("a client certificate logs in; its key must be private", async () => {
      const folder = mkdtempSync(join(tmpdir(), "lifeboat-client-"));
      const [key, request, certificate] = ["key", "csr", "crt"].map((ending) => join(folder, `client.${ending}`));
      const ca = server.caFile!;
      openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=certified", "-keyout", key!, "-out", request!);
      const signer = ["-CA", ca, "-CAkey", ca.replace(/crt$/, "key"), "-CAcreateserial"];
      openssl("x509", "-req", ...signer, "-in", request!, "-out", certificate!);
      chmodSync(key!, 0o600);
      await server.run(`alter system set ssl_ca_file = '${ca}'`);
      await server.run("select pg_reload_conf()");

      const certified = {
        user: "certified",
        sslCert: certificate!,
        sslKey: key!,
        sslMode: "verify-full",
        sslRootCert: ca,
      } as const;
      await expect
        .poll(() => attempt(certified, null).catch(() => null))
        .toMatchObject({ user: "certified", ssl: true });
      await expect(attempt({ ...certified, sslCert: null, sslKey: null }, null)).rejects.toMatchObject({
        code: expect.stringMatching(/^connection\.(authentication|notAllowed|failed|tls)$/),
      });
      await expect(attempt({ ...certified, sslKey: null }, null)).rejects.toMatchObject({ code: "connection.tls" });
      chmodSync(key!, 0o644);
      await expect(attempt(certified, null)).rejects.toMatchObject({
        code: "connection.tls",
        hint: expect.stringContaining("chmod 600"),
      });
      rmSync(folder, { recursive: true });
    });

    test("prefer and allow take the other way when pg_hba.conf wants it", async () => {
      const secret = new Secret("x");
      expect(await attempt({ sslMode: "prefer", user: "onlyplain" }, secret)).toMatchObject({ ssl: false });
      expect(await attempt({ sslMode: "allow", user: "onlytls" }, secret)).toMatchObject({ ssl: true });
      await expect(attempt({ sslMode: "disable", user: "onlytls" }, secret)).rejects.toMatchObject({
        code: "connection.notAllowed",
      });
      await expect(attempt({ sslMode: "require", user: "onlyplain" }, secret)).rejects.toMatchObject({
        code: "connection.notAllowed",
      });
    });
  });

  describe("failures say what is wrong", () => {
    test.each<[string, () => Promise<unknown>, object]>([
      ["wrong password", () => attempt({}, new Secret("Wr0ng")), { code: "connection.authentication" }],
      ["no password", () => attempt({}, null), { code: "connection.passwordMissing" }],
      ["no such role", () => attempt({ user: "nobody" }), { code: "connection.authentication" }],
      ["role without login", () => attempt({ user: "nologin" }), { code: "connection.authentication" }],
      [
        "no such database",
        () => attempt({ database: "gone" }),
        { code: "connection.databaseMissing", message: expect.stringContaining("gone") },
      ],
      ["no CONNECT", () => attempt({ database: "closed", user: "trusted" }), { code: "postgres.permissionDenied" }],
      ["nothing listens", () => attempt(at("127.0.0.1", 1)), { code: "connection.refused" }],
      ["no socket", () => attempt(at("/nowhere")), { code: "connection.refused" }],
      ["no abstract socket", () => attempt(at("@lifeboat-nowhere")), { code: "connection.refused" }],
      ["unknown name", () => attempt(at("db.invalid")), { code: "connection.hostNotFound" }],
      [
        "another protocol",
        () => attempt({ sslMode: "require", ...at("127.0.0.1", portOf(other)) }),
        { code: expect.stringMatching(/^connection\./) },
      ],
      [
        "silence",
        () => attempt({ ...at("127.0.0.1", portOf(silent)), connectTimeoutSeconds: 1 }),
        { code: "connection.timeout" },
      ],
    ])("%s", async (_name, act, expected) => {
      const error = await act().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject(expected);
      expect(JSON.stringify(error)).not.toContain("Wr0ng");
    });
  });

  test("hosts are tried in order, and target_session_attrs chooses", async () => {
    const near = { host: "127.0.0.1", port: server.port };
    const hosts = [{ host: "127.0.0.1", port: 1 }, { host: "db.invalid", port: 5432 }, near];
    expect((await attempt({ hosts })).address).toEqual(near);
    await expect(attempt({ hosts: hosts.slice(0, 2) })).rejects.toMatchObject({
      code: "connection.refused",
      detail: expect.stringMatching(/127.0.0.1:1.*\n.*db.invalid/),
    });
    await expect(attempt({ targetSessionAttrs: "standby" })).rejects.toMatchObject({ code: "connection.failed" });
    expect((await attempt({ targetSessionAttrs: "prefer-standby" })).address).toEqual(near);
    expect((await attempt({ targetSessionAttrs: "read-write" })).address).toEqual(near);
    expect(
      (await attempt({ targetSessionAttrs: "read-only", options: "-c default_transaction_read_only=on" })).address,
    ).toEqual(near);
    // A server that refuses the user ends the search.
    await expect(attempt({ hosts: [near, near] }, new Secret("no"))).rejects.toMatchObject({
      code: "connection.authentication",
    });
  });

  test("values come as values-types.ts promises", async () => {
    const session = await connect(server.target(), new Secret(password));
    const [row] = await session.query(
      `select 1::int8 as small, 9007199254740993 as big, 1.50::numeric as n, true as b, null as nothing, '2020-01-01'::date as d,
              array['a','b,"c',null] as texts, array[[1,2],[3,4]] as grid, '{1,2}'::oid[] as oids, '{"a":[1]}'::jsonb as j,
              '\\x00ff'::bytea as bytes, 1.5::float8 as f, interval '1 day' as i, 'x'::name as name`,
    );
    expect(row).toEqual({
      small: 1,
      big: "9007199254740993",
      n: "1.50",
      b: true,
      nothing: null,
      d: "2020-01-01",
      texts: ["a", 'b,"c', null],
      grid: [
        [1, 2],
        [3, 4],
      ],
      oids: [1, 2],
      j: { a: [1] },
      bytes: Buffer.from([0, 255]),
      f: 1.5,
      i: "1 day",
      name: "x",
    });
    expect(await session.query("select $1::int + 1 as sum, $2::text as text", [41, null])).toEqual([
      { sum: 42, text: null },
    ]);
    await session.close();
    await session.close();
    await expect(session.query("select 1")).rejects.toMatchObject({ code: "connection.lost" });
  });

  test("query errors carry the server's words; the session goes on", async () => {
    await withSession(server.target(), new Secret(password), {}, async (session) => {
      const failure: unknown = await session.query("select * from nothing_here").catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "postgres.queryFailed",
        detail: expect.stringContaining('relation "nothing_here" does not exist (SQLSTATE 42P01)'),
      });
      expect(sqlStateOf(failure)).toBe("42P01");
      expect(await session.query("select 1 as one")).toEqual([{ one: 1 }]);
    });
    await withSession({ ...server.target(), user: "trusted" }, null, {}, async (session) => {
      await expect(session.query("select * from pg_authid")).rejects.toMatchObject({
        code: "postgres.permissionDenied",
      });
    });
  });

  test("a session that the server ends is lost, not a crash", async () => {
    const session = await connect(server.target(), new Secret(password));
    await server.run(`select pg_terminate_backend(${session.backendPid})`);
    await expect(session.query("select 1")).rejects.toMatchObject({ code: "connection.lost" });
    await session.close();
  });

  test("a signal ends an attempt and cancels a query at the server", async () => {
    const attemptSignal = AbortSignal.timeout(100);
    await expect(
      connect({ ...server.target(), ...at("127.0.0.1", portOf(silent)) }, null, { signal: attemptSignal }),
    ).rejects.toMatchObject({ code: "job.cancelled" });

    const controller = new AbortController();
    const session = await connect(server.target(), new Secret(password), {
      signal: controller.signal,
      applicationName: "sleeper",
    });
    const sleeping = session.query("select pg_sleep(60)");
    setTimeout(() => controller.abort(), 100);
    await expect(sleeping).rejects.toMatchObject({ code: "job.cancelled" });
    await expect
      .poll(() => server.value("select count(*) from pg_stat_activity where application_name = 'sleeper'"))
      .toBe("0");
  });
});
