import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** What is exported is read by a reader of Parquet and compared with what the server says of the same rows. */
const serverNeed = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const need =
  serverNeed === "run" ? requirement("clients of 15", clientTool(15, "pg_dump") !== null, clientsRemedy) : serverNeed;
const formats = ["custom", "directory", "plain"] as const;

describe.skipIf(need !== "run")(`exports as Parquet ${need}`, () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-parquet-"));
  const env = { LIFEBOAT_HOME: join(folder, "home") };

  beforeAll(async () => {
    server = await startServer(15);
    await createDatabase(server, "typed");
    await server.run(
      `create table typed (small smallint, id bigint, yes boolean, single real, twice double precision, money numeric(12,2),
         loose numeric, day date, clock timestamp without time zone, instant timestamp with time zone, key uuid, raw bytea,
         doc jsonb, "odd; name" text, list integer[]);
       insert into typed values
         (-32768, 9007199254740993, true, 0.1, 1e-300, -1234567890.05, 1.10, '2026-11-29', '2026-11-29 01:02:03.000001',
           '1969-12-31 23:59:59.999999+02', '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0', '\\x00ff10', '{"a": [1]}', 'é, "q" and ' || chr(9), '{1,NULL}'),
         (1, -1, false, 'NaN', '-infinity', 0, 'NaN', '0044-03-15 BC', '1970-01-01', '294000-01-01 00:00:00+00', null, '', 'null', '', '{}');
       insert into typed select null from generate_series(1, 3);
       create table many as select g as id, 'value ' || g % 10 as text from generate_series(1, 250000) g;
       create table empty (id integer); create table bare (); insert into bare default values;
       create table endless (id integer, day date); insert into endless values (1, 'infinity')`,
      "typed",
    );
    for (const format of formats)
      execFileSync(clientTool(15, "pg_dump") ?? "", [
        `-F${format[0]}`,
        `--file=${join(folder, `typed.${format}`)}`,
        server.url("typed"),
      ]);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(formats)("have every value in its column's type, from a %s archive", async (format) => {
    const rows = await exported(format, "typed");
    expect(rows).toHaveLength(5);
    expect(rows[0]).toEqual({
      small: -32768,
      id: 9007199254740993n,
      yes: true,
      single: Math.fround(0.1),
      twice: 1e-300,
      money: -1234567890.05,
      loose: "1.10",
      day: new Date("2026-11-29T00:00:00Z"),
      clock: BigInt(Date.parse("2026-11-29T01:02:03Z")) * 1000n + 1n,
      instant: -7_200_000_001n,
      key: "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
      raw: new Uint8Array([0, 255, 16]),
      doc: '{"a": [1]}',
      "odd; name": 'é, "q" and \t',
      list: "{1,NULL}",
    });
    expect(rows[1]).toMatchObject({
      single: Number.NaN,
      twice: -Infinity,
      money: 0,
      loose: "NaN",
      "odd; name": "",
      raw: new Uint8Array(0),
      doc: "null",
      key: null,
    });
    const [day, instant] =
      (
        await server.value(
          "select (day - date '1970-01-01') || ' ' || (extract(epoch from instant) * 1000000)::bigint from typed where id = -1",
          "typed",
        )
      )?.split(" ") ?? [];
    expect(rows[1]?.["day"]).toEqual(new Date(Number(day) * 86_400_000));
    expect(rows[1]?.["instant"]).toBe(BigInt(instant ?? ""));
    expect(Object.values(rows[4] ?? {})).toEqual(Array.from({ length: 15 }, () => null));
  });

  it.each(formats)(
    "hold large tables in several row groups, whole, filtered and cut, from a %s archive",
    async (format) => {
      const rows = await exported(format, "many");
      expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 250_000 }, (_, at) => at + 1));
      expect(rows.at(-1)).toEqual({ id: 250_000, text: "value 0" });
      const { row_groups: groups } = parquetMetadata(bytesOf(join(folder, `many.${format}.parquet`)));
      expect(groups.length).toBeGreaterThan(2);
      const some = await exported(format, "many", "--where", "id > 249995", "--where", "text != 'value 9'");
      expect(some.map(({ id }) => id)).toEqual([249_996, 249_997, 249_998, 250_000]);
      expect(await exported(format, "many", "--limit", "3")).toHaveLength(3);
      expect(await exported(format, "many", "--limit", "0")).toEqual([]);
      expect(await exported(format, "empty")).toEqual([]);
    },
  );

  it("are refused where Parquet has no such value or nothing to hold, and leave no file", async () => {
    const endless = await run("custom", "endless");
    expect(endless).toMatchObject({ code: 2 });
    expect(endless.stderr).toMatch(/Parquet has no value for infinity in column day of public\.endless[^]*CSV/);
    expect((await run("custom", "bare")).stderr).toContain("needs columns");
    expect(() => readFileSync(join(folder, "endless.custom.parquet"))).toThrow("ENOENT");
    const printed = await runCli(["rows", join(folder, "typed.custom"), "many", "--format", "parquet"], { env });
    expect(printed).toMatchObject({ code: 2, stdout: "" });
  });

  function run(format: string, table: string, ...more: string[]) {
    const output = join(folder, `${table}.${format}.parquet`);
    const archive = join(folder, `typed.${format}`);
    return runCli(["rows", archive, table, "--output", output, "--overwrite", "--quiet", ...more], { env });
  }

  async function exported(format: string, table: string, ...more: string[]): Promise<Record<string, unknown>[]> {
    expect(await run(format, table, ...more)).toMatchObject({ code: 0, stderr: "" });
    const file = bytesOf(join(folder, `${table}.${format}.parquet`));
    return parquetReadObjects({
      file,
      // Bytes without a type are bytes.
      utf8: false,
      compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
      // Microseconds as they are; the reader's own way is a Date, which has none.
      parsers: { timestampFromMicroseconds: (micros: bigint) => micros },
    });
  }
});

function bytesOf(path: string): ArrayBuffer {
  return new Uint8Array(readFileSync(path)).buffer;
}
