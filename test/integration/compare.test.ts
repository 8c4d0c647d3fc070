import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { compareTable } from "../../electron/compare/compare-table.ts";
import type { CompareRequest, RowDifference } from "../../electron/compare/comparison.ts";
import type { ResolvedConnection } from "../../electron/profiles/resolve-connection.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { runClient } from "../helpers/table-picture.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ways = ["here", "server"] as const;

function dump(server: TestServer, database: string, ...args: readonly string[]): string {
  const path = join(folder, `${server.major}-${Math.random().toString(36).slice(2)}.dump`);
  const quoted = database.replaceAll(/[\\']/g, "\\$&");
  runClient(server, "pg_dump", ["-Fc", `--file=${path}`, ...args, `--dbname=dbname='${quoted}'`]);
  return path;
}

function connectionTo(server: TestServer, database: string, user = "postgres"): ResolvedConnection {
  return { target: { ...server.target(database), user }, password: null, passwordFrom: "none", warnings: [] };
}

interface Asked {
  readonly key?: readonly string[];
  readonly renames?: Record<string, string>;
  readonly way?: "here" | "server";
  readonly mostHeldBytes?: number;
}

async function compare(path: string, connection: ResolvedConnection, table: string, asked: Asked = {}) {
  const archive = await openArchive(path);
  const rows: RowDifference[] = [];
  const request: CompareRequest = {
    table,
    liveTable: null,
    key: asked.key ?? null,
    renames: new Map(Object.entries(asked.renames ?? {})),
    way: asked.way ?? null,
  };
  const sink = {
    take: async (more: readonly RowDifference[]) => void rows.push(...more),
    restart: async () => void rows.splice(0),
  };
  const signal = AbortSignal.timeout(120_000);
  try {
    const { mostHeldBytes } = asked;
    const options = { signal, ...(mostHeldBytes === undefined ? {} : { mostHeldBytes }) };
    return { ...(await compareTable(archive, connection, request, sink, options)), rows };
  } finally {
    await archive.close();
  }
}

/** The same whatever order differences come in. */
function inOrder(rows: readonly RowDifference[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

describe.each([13, 14, 15, 16, 17, 18])("PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")("a table equals its own backup, whatever its types and names, both ways", async () => {
    const server = await startServer(major);
    try {
      /* oxlint-disable no-await-in-loop -- one table after another */
      const databases = [await seedTypesAndObjects(server)];
      if (major === 13 || major === 18) databases.push(await seedOddNames(server));
      for (const database of databases) {
        const path = dump(server, database);
        const archive = await openArchive(path);
        const tables = [...archive.toc].filter(
          (entry) => entry.desc === "TABLE DATA" && entry.hasData && entry.copyStatement,
        );
        await archive.close();
        expect(tables.length).toBeGreaterThan(5);
        for (const entry of tables)
          for (const way of ways) {
            const { counts, rows } = await compare(path, connectionTo(server, database), String(entry.dumpId), { way });
            const live = await server.value(
              `select count(*) from only "${entry.namespace?.replaceAll('"', '""')}"."${entry.tag.replaceAll('"', '""')}"`,
              database,
            );
            expect(rows, `${entry.tag} ${way}`).toEqual([]);
            expect(counts).toEqual({ missing: 0, changed: 0, added: 0, same: Number(live) });
          }
      }
      /* oxlint-enable no-await-in-loop */
    } finally {
      await server.stop();
    }
  });
});

describe("compare", () => {
  const major = availableMajors().includes(15) ? 15 : (availableMajors().at(-1) ?? 15);
  const state = requirement("a PostgreSQL server", availableMajors().length > 0, serversRemedy);
  let server: TestServer;
  beforeAll(async () => {
    if (state === "run") server = await startServer(major);
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** A table made and dumped, then changed. */
  async function changed(name: string, before: string, after: string): Promise<string> {
    await server.run(`create database ${name}`);
    await server.run(before, name);
    const path = dump(server, name);
    await server.run(after, name);
    return path;
  }

  const shop = `create table orders (id integer primary key, code text unique not null, total numeric(10,2), note text, at timestamptz, info json);
    insert into orders select g, 'c' || g, g * 1.5, case when g % 3 = 0 then E'tab\\tline\\nback\\\\slash' end, '2024-01-01 12:00+00'::timestamptz + g * interval '1 hour', '{"a": 1}' from generate_series(1, 5000) g`;
  const mishap = `delete from orders where id % 100 = 50; update orders set total = total + 1, note = 'new' where id % 250 = 7;
    update orders set note = note where id % 10 = 1;
    insert into orders select 10000 + g, 'n' || g, g from generate_series(1, 20) g`;

  it.skipIf(state !== "run").each(ways)("finds exactly what is missing, changed and new (%s)", async (way) => {
    const name = `exact_${way}`;
    const path = await changed(name, shop, mishap);
    const { counts, rows, comparison } = await compare(path, connectionTo(server, name), "orders", { way });
    expect(counts).toEqual({ missing: 50, changed: 20, added: 20, same: 4930 });
    expect(comparison.key.reason).toBe("the primary key (id)");
    const ids = (kind: string) =>
      rows
        .filter((row) => row.kind === kind)
        .map((row) => Number((row.kind === "added" ? row.live : row.backup)[0]))
        .toSorted((one, other) => one - other);
    expect(ids("missing")).toEqual(Array.from({ length: 50 }, (_, at) => at * 100 + 50));
    expect(ids("changed")).toEqual(Array.from({ length: 20 }, (_, at) => at * 250 + 7));
    expect(rows.find((row) => row.kind === "changed" && row.backup[0] === "257")).toEqual({
      kind: "changed",
      backup: ["257", "c257", "385.50", null, "2024-01-12 05:00:00+00", '{"a": 1}'],
      live: ["257", "c257", "386.50", "new", "2024-01-12 05:00:00+00", '{"a": 1}'],
      changed: [2, 3],
    });
  });

  it.skipIf(state !== "run")("in another order of rows, in several passes, by another key: the same", async () => {
    const path = await changed(
      "ordered",
      shop,
      `${mishap}; create index by_note on orders (md5(code)); cluster orders using by_note`,
    );
    const connection = connectionTo(server, "ordered");
    const whole = await compare(path, connection, "orders");
    const passes = await compare(path, connection, "orders", { mostHeldBytes: 100_000 });
    expect(passes.counts).toEqual({ missing: 50, changed: 20, added: 20, same: 4930 });
    expect(inOrder(passes.rows)).toEqual(inOrder(whole.rows));
    const byCode = await compare(path, connection, "orders", { key: ["code"] });
    expect(byCode.comparison.key.reason).toBe("the chosen key (code)");
    expect(inOrder(byCode.rows)).toEqual(inOrder(whole.rows));
  });

  it.skipIf(state !== "run").each(ways)("columns dropped, added, renamed, retyped and computed (%s)", async (way) => {
    const name = `drift_${way}`;
    const path = await changed(
      name,
      `create table t (id integer primary key, gone text, label text, amount integer, at timestamp, code varchar(10), big float8);
       insert into t select g, 'x', 'l' || g, g, '2024-01-01'::timestamp + g * interval '1 s', 'code' || g, g / 3.0 from generate_series(1, 300) g`,
      `alter table t drop gone, add fresh text default 'f';
       alter table t rename label to title; alter table t alter amount type numeric(12,2), alter id type bigint, alter code type text, alter big type float4;
       alter table t alter at type timestamptz using at at time zone 'UTC';
       update t set amount = amount + 1 where id = 7; update t set title = 'other' where id = 8; delete from t where id = 9; alter table t add twice bigint generated always as (id * 2) stored; update t set code = 'a longer code than before' where id = 10`,
    );
    const { counts, rows, comparison } = await compare(path, connectionTo(server, name), "t", {
      way,
      renames: { label: "title" },
    });
    expect(counts).toEqual({ missing: 1, changed: 3, added: 0, same: 296 });
    expect(comparison.match).toMatchObject({
      dropped: ["gone"],
      added: ["fresh"],
      generated: ["twice"],
      renamed: [{ from: "label", to: "title" }],
    });
    expect(comparison.match.retyped.map(({ column }) => column)).toEqual(["id", "amount", "at", "code", "big"]);
    expect(
      rows.flatMap((row) => (row.kind === "changed" ? [`${row.live[0]} ${row.changed.join()}`] : [])).toSorted(),
    ).toEqual(["10 4", "7 2", "8 1"]);
  });

  it.skipIf(state !== "run").each(ways)("without a key whole rows are counted, said plainly (%s)", async (way) => {
    const name = `keyless_${way}`;
    const path = await changed(
      name,
      "create table t (a integer, p point, j json, x xml); insert into t select g % 10, point(g % 10, 1), '[1]', '<a/>' from generate_series(1, 100) g; insert into t values (null, null, null, null)",
      "delete from t where ctid in (select ctid from t where a = 3 limit 4); insert into t values (3, point(9, 9), null, null), (7, point(7, 1), '[1]', '<a/>')",
    );
    const { counts, rows, comparison } = await compare(path, connectionTo(server, name), "t", { way });
    expect(counts).toEqual({ missing: 4, changed: 0, added: 2, same: 97 });
    expect(comparison.notes).toContain("Rows are compared as wholes: a changed row is one missing and one added.");
    expect(rows.filter((row) => row.kind === "missing")).toEqual(
      Array.from({ length: 4 }, () => ({ kind: "missing", backup: ["3", "(3,1)", "[1]", "<a/>"] })),
    );
  });

  it.skipIf(state !== "run").each(ways)(
    "another time zone and encoding of the dump change nothing (%s)",
    async (way) => {
      const name = `zone_${way}`;
      const before =
        "create table t (id integer primary key, at timestamptz, name text); insert into t select g, '2024-01-01 12:00+00'::timestamptz + g * interval '1 day', 'Zürich ' || g from generate_series(1, 500) g";
      await changed(name, before, "select 1");
      await server.run(`alter database ${name} set timezone = 'Asia/Kolkata'`);
      const path = dump(server, name, "--encoding=LATIN1");
      await server.run(
        `alter database ${name} set timezone = 'America/New_York'; alter database ${name} set datestyle = 'SQL, DMY'`,
      );
      await server.run(
        "update t set at = at + interval '1 s' where id = 5; update t set name = 'Genf' where id = 6",
        name,
      );
      const { counts, rows } = await compare(path, connectionTo(server, name), "t", { way });
      expect(counts).toEqual({ missing: 0, changed: 2, added: 0, same: 498 });
      expect(rows.map((row) => (row.kind === "changed" ? [row.backup[2], row.changed] : []))).toEqual([
        ["Zürich 5", [1]],
        ["Zürich 6", [2]],
      ]);
    },
  );

  it.skipIf(state !== "run")(
    "a role that may only read compares; a temporary table is refused it, plainly",
    async () => {
      const path = await changed("reading", shop, mishap);
      await server.run(
        "create role reader login; revoke temporary on database reading from public; alter role reader set default_transaction_read_only = on",
      );
      await server.run("grant select on orders to reader", "reading");
      const connection = connectionTo(server, "reading", "reader");
      expect((await compare(path, connection, "orders")).counts).toEqual({
        missing: 50,
        changed: 20,
        added: 20,
        same: 4930,
      });
      await expect(compare(path, connection, "orders", { way: "server" })).rejects.toMatchObject({
        code: expect.stringMatching(/^postgres\.(readOnly|permissionDenied)$/),
      });
    },
  );

  it.skipIf(state !== "run").each(ways)("a key that only looked unique is refused (%s)", async (way) => {
    const name = `shared_${way}`;
    const path = await changed(
      name,
      "create table t (id integer, v text); insert into t select g, 'v' from generate_series(1, 100) g; insert into t values (50, 'w')",
      "delete from t where v = 'w'; alter table t add primary key (id)",
    );
    await expect(compare(path, connectionTo(server, name), "t", { way })).rejects.toMatchObject({
      code: "compare.keyNotUnique",
    });
    const { counts } = await compare(path, connectionTo(server, name), "t", { way, key: [] });
    expect(counts).toEqual({ missing: 1, changed: 0, added: 0, same: 100 });
  });

  it.skipIf(state !== "run")("as a command: counts, rows, notes; a table that is gone says what to do", async () => {
    const path = await changed("command", shop, mishap);
    const env = { LIFEBOAT_HOME: join(folder, "home") };
    const end = await runCli(["compare", path, "orders", "--with", server.url("command"), "--limit", "2", "--json"], {
      env,
    });
    expect(end).toMatchObject({ code: 0, stderr: "" });
    const told = JSON.parse(end.stdout);
    expect(told).toMatchObject({
      table: "public.orders",
      key: ["id"],
      missing: 50,
      changed: 20,
      added: 20,
      same: 4930,
    });
    expect(told.rows).toHaveLength(6);
    expect(told.rows.find((row: { kind: string }) => row.kind === "changed")).toMatchObject({
      changed: ["total", "note"],
      live: { note: "new" },
    });
    const text = await runCli(["compare", path, "orders", "--with", server.url("command"), "--limit", "1"], { env });
    expect(text.stdout).toMatch(/missing +50 +in the backup, not in the live table/);
    expect(text.stdout).toContain("changed, the first 1 of 20");
    await server.run("drop table orders", "command");
    const gone = await runCli(["compare", path, "orders", "--with", server.url("command"), "--json"], { env });
    expect(gone.code).toBe(1);
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: "compare.tableMissing" } });
  });
});
