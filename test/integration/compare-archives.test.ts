import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { compareArchives } from "../../electron/compare/compare-archives.ts";
import { keepFirst } from "../../electron/compare/first-differences.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Two archives of one table, before and after known changes, in every pair of formats. */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);
const clientNeed = requirement("clients of 15", clientTool(15, "pg_dump") !== null, clientsRemedy);
const need = serverNeed === "run" ? clientNeed : serverNeed;
const formats = ["custom", "directory", "tar", "plain"] as const;

describe.skipIf(need !== "run")(`two archives compared ${need}`, () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-compare-"));
  const pathOf = (when: string, format: string) => join(folder, `${when}.${format}`);

  function dump(when: string): void {
    for (const format of formats)
      execFileSync(clientTool(15, "pg_dump") ?? "", [
        `-F${format[0]}`,
        `--file=${pathOf(when, format)}`,
        server.url("two"),
      ]);
  }

  beforeAll(async () => {
    server = await startServer(serverMajor);
    await createDatabase(server, "two");
    await server.run(
      `create table items (id int primary key, name text, price numeric(10,2), at timestamptz);
       insert into items select g, 'item ' || g, g * 1.5, timestamptz '2026-01-01' + g * interval '1 h' from generate_series(1, 20000) g;
       create table loose (v text); insert into loose values ('a'), ('a'), ('b')`,
      "two",
    );
    dump("before");
    await server.run(
      `delete from items where id % 1000 = 0; update items set price = 0, name = null where id in (5, 12345);
       insert into items select g, 'new', 1, now() from generate_series(20001, 20007) g;
       alter table items add column extra int; cluster items using items_pkey;
       delete from loose; insert into loose values ('b'), ('a'), ('c')`,
      "two",
    );
    dump("after");
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(formats.flatMap((one) => formats.map((other) => [one, other] as const)))("%s with %s", async (one, other) => {
    const archive = await openArchive(pathOf("before", one));
    const later = await openArchive(pathOf("after", other));
    const sink = keepFirst(50);
    const request = { table: "items", liveTable: null, key: null, renames: new Map<string, string>(), way: null };
    const options = { signal: AbortSignal.timeout(60_000), mostHeldBytes: 100_000 };
    const { comparison, counts } = await compareArchives(archive, later, request, sink, options);
    expect(counts).toEqual({ missing: 20, changed: 2, added: 7, same: 19_978 });
    expect(comparison.key.reason).toBe("the primary key (id)");
    expect(comparison.notes[0]).toBe("Only in the other archive, not compared: extra.");
    const changed = sink.rows.flatMap((row) => (row.kind === "changed" ? [[row.backup[0], row.changed] as const] : []));
    expect(new Map(changed)).toEqual(
      new Map([
        ["5", [1, 2]],
        ["12345", [1, 2]],
      ]),
    );
    const loose = await compareArchives(archive, later, { ...request, table: "loose" }, keepFirst(0), options);
    expect(loose.counts).toEqual({ missing: 1, changed: 0, added: 1, same: 2 });
    await archive.close();
    await later.close();
  });

  it("is what the command says, as JSON too", async () => {
    const env = { LIFEBOAT_HOME: join(folder, "home") };
    const args = ["compare", pathOf("before", "custom"), "public.items", "--with", pathOf("after", "plain")];
    const text = await runCli(args, { env });
    expect([text.code, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toMatch(/added +7 +in the other archive, not in the backup/);
    const { stdout } = await runCli([...args, "--json", "--limit", "1"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ missing: 20, changed: 2, added: 7, same: 19_978, key: ["id"] });
  });
});
