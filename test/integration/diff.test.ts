import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientFolder, clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Two schemas: archives of every format with each other, and an archive with the database it came from. */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);
const clientNeed = requirement("clients of 15", clientTool(15, "pg_dump") !== null, clientsRemedy);
const need = serverNeed === "run" ? clientNeed : serverNeed;
const formats = ["custom", "directory", "tar", "plain"] as const;

describe.skipIf(need !== "run")(`lifeboat diff ${need}`, () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-diff-"));
  const home = join(folder, "home");
  const env = { LIFEBOAT_HOME: home, LIFEBOAT_TOOLS: clientFolder(15) ?? "" };
  const pathOf = (when: string, format: string) => join(folder, `${when}.${format}`);

  function dump(when: string): void {
    for (const format of formats)
      execFileSync(clientTool(15, "pg_dump") ?? "", [
        `-F${format[0]}`,
        `--file=${pathOf(when, format)}`,
        server.url("objects"),
      ]);
  }

  async function diff(one: string, other: string): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await runCli(["diff", one, "--with", other, "--json"], { env });
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout);
  }

  beforeAll(async () => {
    server = await startServer(serverMajor);
    await seedTypesAndObjects(server);
    await server.run(
      "create table lost (id int primary key); create table kept (id int primary key, note text default 'x', price numeric(8,2))",
      "objects",
    );
    dump("before");
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(formats)("finds nothing between an archive (%s) and the database it came from", async (format) => {
    expect(await diff(pathOf("before", format), server.url("objects"))).toMatchObject({
      added: 0,
      removed: 0,
      changed: 0,
    });
    expect(readdirSync(join(home, "run")).filter((name) => name.startsWith("schema"))).toEqual([]);
  });

  it("finds what was changed since, in every pair of formats and in the live database", async () => {
    await server.run(
      `drop table lost; alter table kept alter note set default 'y', alter price type numeric(10,2), add column extra date;
       create index kept_note on kept (note); create view kept_view as select id from kept`,
      "objects",
    );
    dump("after");
    const expected = {
      added: 2,
      removed: 2,
      changed: 1,
      differences: [
        {
          kind: "changed",
          desc: "TABLE",
          name: "public.kept",
          columns: [
            { column: "note", before: "note text DEFAULT 'x'::text", after: "note text DEFAULT 'y'::text" },
            { column: "price", before: "price numeric(8,2)", after: "price numeric(10,2)" },
            { column: "extra", before: null, after: "extra date" },
          ],
        },
        { kind: "removed", desc: "TABLE", name: "public.lost", after: null },
        { kind: "removed", desc: "CONSTRAINT", name: "public.lost lost_pkey" },
        { kind: "added", desc: "INDEX", name: "public.kept_note", before: null },
        { kind: "added", desc: "VIEW", name: "public.kept_view" },
      ],
    };
    for (const one of formats)
      for (const other of formats) {
        // oxlint-disable-next-line no-await-in-loop -- a process each
        expect(await diff(pathOf("before", one), pathOf("after", other)), `${one} with ${other}`).toMatchObject(
          expected,
        );
      }
    expect(await diff(pathOf("before", "custom"), server.url("objects"))).toMatchObject(expected);
    const text = await runCli(["diff", pathOf("before", "tar"), "--with", pathOf("after", "plain"), "--definitions"], {
      env,
    });
    expect(text.stdout).toMatch(/changed +TABLE +public\.kept/);
    expect(text.stdout).toContain("CREATE VIEW public.kept_view");
    expect(text.stdout).toMatch(/^2 added, 2 removed, 1 changed, \d+ the same\.$/m);
  });
});
