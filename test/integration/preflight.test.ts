import { connect as connectSocket, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listDatabases } from "../../electron/postgres/catalog.ts";
import { connect, withSession } from "../../electron/postgres/connect.ts";
import { runPreflight } from "../../electron/postgres/preflight.ts";
import type { PreflightReport } from "../../shared/contract/preflight.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const majors = availableMajors();
const chosen = [...new Set([majors[0], majors.includes(15) ? 15 : undefined, majors.at(-1)])].filter(
  (major) => major !== undefined,
);
const run = requirement("a PostgreSQL server", chosen.length > 0, serversRemedy);

function codes(report: PreflightReport): string[] {
  return report.findings.map(({ level, code }) => `${level} ${code}`);
}

function objects(report: PreflightReport, code: string): string[] | undefined {
  return report.findings.find((finding) => finding.code === code)?.objects;
}

describe.skipIf(run !== "run").each(chosen)(`preflight on PostgreSQL %i (${run})`, (major) => {
  let server: TestServer;
  const release = /serverOutdated|serverEndOfLife/;
  const look = (database: string, user: string, globals = false) =>
    withSession({ ...server.target(database), user }, null, {}, (session) => runPreflight(session, { globals }));

  beforeAll(async () => {
    server = await startServer(major);
    await server.run("create role reader login; create role bypass login bypassrls");
    await server.run("create database clean");
    await server.run("create database shop");
    await server.run("create database ascii encoding 'SQL_ASCII' template template0");
    await server.run(
      `create table readable (id serial primary key, t text); grant select on readable, readable_id_seq to reader, bypass;
       create table closed (id int); create sequence "Odd;seq";
       create table "Odd ""name""" (id int);
       create schema locked; create table locked.inside (id int);
       create table guarded (id int); alter table guarded enable row level security;
       grant select on guarded to reader, bypass;
       create unlogged table quick (id int); grant select on quick to reader;
       create extension citext; create extension postgres_fdw;
       create server far foreign data wrapper postgres_fdw;
       create user mapping for reader server far options (user 'x', password 'Sesame');
       create foreign table faraway (id int) server far;
       create table parts (id int) partition by range (id); create table part1 partition of parts for values from (0) to (9);
       grant select on parts, part1 to reader;
       select lo_from_bytea(4711, 'x'), lo_from_bytea(4712, 'y'); grant select on large object 4712 to reader;
       insert into readable (t) select repeat('x', 100) from generate_series(1, 1000); analyze readable`,
      "shop",
    );
    await server.run("create table dup (id int); insert into dup values (1), (1)", "shop");
    await server.run("create unique index concurrently dup_id on dup (id)", "shop").catch(() => {});
    await server.run("grant select on dup to reader", "shop");
  });
  afterAll(() => server?.stop());

  test("a clean database as a superuser has no finding", async () => {
    const report = await look("clean", "postgres");
    expect(codes(report).filter((code) => !release.test(code))).toEqual([]);
    expect(report.server).toMatchObject({ encoding: "UTF8", collate: "C", isStandby: false });
    expect(report.server.systemIdentifier).toMatch(/^\d+$/);
    expect(report.databaseBytes).toBeGreaterThan(1_000_000);
    expect(report.tables).toEqual([]);
  });

  test("as a superuser, nothing stops; what is lacking or secret is named", async () => {
    const report = await look("shop", "postgres", true);
    expect(codes(report).filter((code) => !release.test(code))).toEqual([
      "warning preflight.containsSecrets",
      "warning preflight.indexesInvalid",
      "note preflight.unlogged",
      "note preflight.foreignTables",
      "note preflight.globalsHoldPasswords",
      "note preflight.extensions",
    ]);
    expect(objects(report, "preflight.containsSecrets")).toEqual(["user mapping reader on far"]);
    expect(objects(report, "preflight.indexesInvalid")).toEqual(["public.dup_id"]);
    expect(objects(report, "preflight.extensions")).toEqual([
      expect.stringMatching(/^citext \d/),
      expect.stringMatching(/^postgres_fdw \d/),
    ]);
    expect(JSON.stringify(report)).not.toContain("Sesame");
    expect(report.tables.map(({ schema, name }) => `${schema}.${name}`)).toEqual([
      "locked.inside",
      'public.Odd "name"',
      "public.closed",
      "public.dup",
      "public.guarded",
      "public.part1",
      "public.quick",
      "public.readable",
    ]);
    const readable = report.tables.find(({ name }) => name === "readable");
    expect(readable?.estimatedRows).toBe(1000);
    expect(readable?.sizeBytes).toBeGreaterThan(100_000);
  });

  test("as a role that may not do everything, each lack is named", async () => {
    const report = await look("shop", "reader", true);
    expect(objects(report, "preflight.schemasClosed")).toEqual(["locked"]);
    expect(objects(report, "preflight.tablesUnreadable")).toEqual(['public."Odd ""name"""', "public.closed"]);
    expect(objects(report, "preflight.sequencesUnreadable")).toEqual(['public."Odd;seq"']);
    expect(objects(report, "preflight.rowSecurity")).toEqual(["public.guarded"]);
    expect(objects(report, "preflight.largeObjectsUnreadable")).toEqual(["4711"]);
    expect(codes(report)).toContain("warning preflight.globalsWithoutPasswords");
    expect(objects(await look("shop", "bypass"), "preflight.rowSecurity")).toBeUndefined();
  });

  test("a locked table is named, and neither it nor its size is waited for", async () => {
    const locker = await connect(server.target("shop"), null);
    await locker.query("begin");
    await locker.query("lock table readable in access exclusive mode");
    const started = Date.now();
    const report = await look("shop", "postgres");
    expect(Date.now() - started).toBeLessThan(2000);
    expect(objects(report, "preflight.locked")).toEqual([
      expect.stringMatching(/^public.readable \(process \d+, for \d+ s\)$/),
    ]);
    expect(report.tables.find(({ name }) => name === "readable")?.sizeBytes).toBeGreaterThan(100_000);
    await locker.close();
  });

  test("SQL_ASCII is warned about", async () => {
    expect(codes(await look("ascii", "postgres"))).toContain("warning preflight.sqlAscii");
  });

  test("a search_path full of traps does not mislead", async () => {
    await server.run(
      `create schema trap; create view trap.pg_class as select 1 as relkind; create table trap.pg_namespace (x int);
       create function trap.has_table_privilege(oid, text) returns bool language sql as 'select false';
       alter role bypass set search_path = trap, pg_catalog; grant usage on schema trap to bypass;
       grant select on trap.pg_class, trap.pg_namespace to bypass`,
      "clean",
    );
    const report = await look("clean", "bypass");
    expect(codes(report).filter((code) => !release.test(code))).toEqual([]);
    expect(report.tables).toHaveLength(1);
  });

  test("databases with their sizes; null where this role may not look", async () => {
    await server.run("revoke connect on database ascii from public");
    const list = await withSession({ ...server.target(), user: "reader" }, null, {}, listDatabases);
    expect(list.map(({ name }) => name)).toEqual(["ascii", "clean", "postgres", "shop"]);
    expect(list[0]).toEqual({ name: "ascii", sizeBytes: null, allowConnections: true });
    expect(list[1]?.sizeBytes).toBeGreaterThan(1_000_000);
  });
});

describe.skipIf(run !== "run")(`preflight, what other things stand between (${run})`, () => {
  let server: TestServer;
  let pooler: Server;
  beforeAll(async () => {
    server = await startServer(chosen.at(-1)!, {
      settings: { max_connections: "5", max_wal_senders: "0", max_locks_per_transaction: "10" },
    });
    // Poolers greet with a process number of their own: BackendKeyData is K, length 12, process, secret.
    pooler = createServer((client) => {
      const upstream = connectSocket(server.port, server.host);
      client.pipe(upstream);
      upstream.on("data", (chunk: Buffer) => {
        const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
        if (at >= 0) chunk.writeInt32BE(1, at + 5);
        client.write(chunk);
      });
      upstream.on("close", () => client.destroy());
      client.on("close", () => upstream.destroy());
      client.on("error", () => upstream.destroy());
      upstream.on("error", () => client.destroy());
    });
    await new Promise<void>((resolve) => pooler.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    pooler?.close();
    await server?.stop();
  });

  test("a pooler", async () => {
    const address = pooler.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const target = { ...server.target(), hosts: [{ host: "127.0.0.1", port }], sslMode: "disable" as const };
    const report = await withSession(target, null, {}, (session) => runPreflight(session, { globals: false }));
    expect(codes(report)).toContain("warning preflight.pooler");
  });

  test("more tables than the server has places for locks", async () => {
    await server.run(`do $$ begin for i in 1..50 loop execute 'create table t' || i || ' (id int)'; end loop; end $$`);
    const report = await withSession(server.target(), null, {}, (session) => runPreflight(session, { globals: false }));
    expect(report.tables).toHaveLength(50);
    expect(codes(report).filter((code) => code.includes("lockTable"))).toEqual([]);
    await server.run(`do $$ begin for i in 51..80 loop execute 'create table t' || i || ' ()'; end loop; end $$`);
    const more = await withSession(server.target(), null, {}, (session) => runPreflight(session, { globals: false }));
    expect(codes(more)).toContain("warning preflight.lockTableSmall");
  });
});
