import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { surveyArchive, writeSalvage } from "../../electron/archives/salvage.ts";
import { type ArchivePicture, excerptOf, pictureOf } from "../contract/archive-contract.ts";
import { listedLines, listLines } from "../helpers/archive-oracle.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { definitionOf, sortedContentsOf } from "../helpers/database-contents.ts";
import { requirement } from "../helpers/requirement.ts";
import { seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, clientFolder, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, restoreIn, type Services } from "../helpers/services.ts";

/**
 * One database in every format and compression of every client, through the one interface: what the custom archive holds,
 * which archive-reader.test.ts compares with pg_restore and the live tables, all others hold too.
 */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);

const compressed = (format: string) => (client: number) =>
  (client === 15 ? ["6", "0"] : ["gzip", "none", "lz4", "zstd"]).map((method) => [
    `--format=${format}`,
    `--compress=${method}`,
  ]);
const matrix = [15, 17, 18].flatMap((client) =>
  [...compressed("directory")(client), ["--format=tar"], ["--format=plain"], ["--format=plain", "--verbose"]].map(
    (options) => ({ client, options }),
  ),
);

describe.skipIf(serverNeed !== "run")(`every format of pg_dump ${serverNeed}`, () => {
  let server: TestServer;
  let services: Services;
  let databases: string[];
  const pictures = new Map<string, ArchivePicture>();

  beforeAll(async () => {
    server = await startServer(serverMajor);
    services = await openServices();
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  function dump(client: number, database: string, options: readonly string[], name = "dump"): string {
    const path = join(services.home.root, name);
    rmSync(path, { recursive: true, force: true });
    const program = clientTool(client, "pg_dump") ?? "pg_dump";
    execFileSync(program, [...options, `--file=${path}`, `--dbname=${server.url(database)}`], { stdio: "pipe" });
    return path;
  }

  async function customPicture(client: number, database: string): Promise<ArchivePicture> {
    const key = `${client} ${database}`;
    const known = pictures.get(key);
    if (known !== undefined) return known;
    const archive = await openArchive(dump(client, database, ["--format=custom"], "custom"));
    const picture = await pictureOf(archive);
    await archive.close();
    pictures.set(key, picture);
    return picture;
  }

  for (const { client, options } of matrix) {
    const need = requirement(`pg_dump ${client}`, clientTool(client, "pg_dump") !== null, clientsRemedy);
    it.skipIf(need !== "run")(`pg_dump ${client} ${options.join(" ")} ${need}`, async () => {
      for (const database of databases) {
        const path = dump(client, database, options);
        const archive = await openArchive(path);
        try {
          expect(archive.header).toMatchObject({ format: options[0]?.split("=")[1], dumpVersion: expect.any(String) });
          expect(archive.damage).toBeNull();
          const picture = await customPicture(client, database);
          const isPlain = archive.header.format === "plain";
          // Of the database itself a script says nothing, unless it was made with --create.
          const definitions = picture.definitions.filter(
            (each) => !isPlain || !/^(DATABASE|\w+ "?DATABASE) /.test(each),
          );
          expect(await pictureOf(archive)).toEqual({ ...picture, definitions });
          if (isPlain) continue;
          expect(archive.header.database).toBe(database);
          const pgRestore = clientTool(client, "pg_restore") ?? "pg_restore";
          const listed = execFileSync(pgRestore, ["--list", path], { encoding: "utf8", maxBuffer: 1 << 26 });
          expect(listLines(archive)).toEqual(listedLines(listed));
          await expectExcerpt(archive, pgRestore);
        } finally {
          await archive.close();
        }
      }
    });
  }

  /** pg_restore makes the same SQL of an excerpt as of the archive it was taken from. */
  async function expectExcerpt(archive: Archive, pgRestore: string): Promise<void> {
    const entries = [...archive.toc];
    const ids = entries.filter((entry, at) => !entry.hasData || at % 3 !== 0).map(({ dumpId }) => dumpId);
    const list = join(services.home.root, "excerpt.list");
    writeFileSync(list, ids.map((id) => `${id};\n`).join(""));
    const sqlOf = (path: readonly string[], input: Buffer | undefined) =>
      execFileSync(pgRestore, [`--use-list=${list}`, "--file=-", ...path], {
        input,
        encoding: "latin1",
        maxBuffer: 1 << 28,
      }).replaceAll(/^\\(un)?restrict .*$/gm, "");
    expect(sqlOf([], await excerptOf(archive, ids))).toBe(sqlOf([archive.path], undefined));
  }

  it.each([
    ["directory", 18, ["--format=directory", "--compress=zstd", "--jobs=2"]],
    ["tar", 15, ["--format=tar"]],
    ["tar", 18, ["--format=tar"]],
    ["plain", 15, ["--format=plain"]],
    ["plain", 18, ["--format=plain"]],
    ["plain", 18, ["--format=plain", "--inserts"]],
  ] as const)("a %s archive of pg_dump %i is restored whole, and a table of it", async (_, client, options) => {
    services.useTools([clientFolder(client) ?? ""]);
    const path = dump(client, "objects", options);
    const newDatabaseName = `whole ${client} ${options.join(" ")}`;
    const job = await services.restore(server, path, { newDatabaseName });
    expect({ ...restoreIn(job), state: job.state, error: job.error }).toMatchObject({
      failed: [],
      state: "succeeded",
      error: null,
    });
    expect(definitionOf(server, newDatabaseName)).toBe(definitionOf(server, "objects"));
    expect(await sortedContentsOf(server, newDatabaseName)).toEqual(await sortedContentsOf(server, "objects"));

    const choice = {
      kind: "objects" as const,
      tables: [{ schema: "data", name: "parents" }],
      schemas: [],
      dumpIds: [],
    };
    const one = await services.restore(server, path, { newDatabaseName: `one ${newDatabaseName}`, choice });
    expect(one).toMatchObject({ state: "succeeded", error: null });
    const contents = await sortedContentsOf(server, `one ${newDatabaseName}`);
    const whole = await sortedContentsOf(server, "objects");
    expect(contents["data.parents"]).toBe(whole["data.parents"]);
  });

  it("opens a directory archive by its toc.dat, and one whose files somebody compressed", async () => {
    const path = dump(15, "objects", ["--format=directory", "--compress=0"]);
    const byFile = await openArchive(join(path, "toc.dat"));
    expect(byFile.path).toBe(path);
    await byFile.close();
    for (const name of readdirSync(path)) execFileSync("gzip", [join(path, name)]);
    const archive = await openArchive(path);
    expect(await pictureOf(archive)).toEqual(await customPicture(15, "objects"));
    await archive.close();
  });

  it("refuses a directory archive that leads out of its folder", async () => {
    const path = dump(15, "objects", ["--format=directory", "--compress=0"]);
    const archive = await openArchive(path);
    const table = [...archive.toc].find((entry) => entry.desc === "TABLE DATA");
    const { member } = await archive.dataRange(table?.dumpId ?? 0);
    await archive.close();
    rmSync(join(path, member ?? ""));
    symlinkSync("/etc/passwd", join(path, member ?? ""));
    await expect(openArchive(path)).rejects.toMatchObject({ code: "archive.hostile" });
  });

  it.each([
    ["gzip", "custom"],
    ["gzip", "plain"],
    ["gzip", "tar"],
    ["zstd", "custom"],
    ["zstd", "plain"],
    ["lz4", "plain"],
    ["bzip2", "custom"],
    ["bzip2", "plain"],
    ["bzip2", "tar"],
    ["xz", "custom"],
    ["xz", "plain"],
    ["xz", "tar"],
  ])("opens what %s has compressed: %s", async (program, format) => {
    const path = dump(15, "objects", [`--format=${format}`]);
    // Its name says nothing of it.
    const packed = join(services.home.root, "packed");
    writeFileSync(packed, execFileSync(program, ["-c", path], { maxBuffer: 1 << 28 }));
    const archive = await openArchive(packed);
    const plain = await openArchive(dump(15, "objects", [`--format=${format}`]));
    expect(archive.header.format).toBe(format);
    expect(await pictureOf(archive)).toEqual(await pictureOf(plain));
    await Promise.all([archive.close(), plain.close()]);
  });

  it.each(["custom", "tar", "plain"])("salvages what is whole of a cut archive: %s", async (format) => {
    const path = dump(18, "objects", [`--format=${format}`]);
    const picture = await customPicture(18, "objects");
    truncateSync(path, Math.floor(statSync(path).size * 0.7));
    const archive = await openArchive(path);
    const survey = await surveyArchive(archive, undefined);
    const [whole, lost] = [true, false].map((is) => survey.filter(({ broken }) => (broken === null) === is).length);
    expect(whole).toBeGreaterThan(0);
    expect(lost ?? 0).toBeGreaterThan(0);
    const to = join(services.home.root, `salvaged.${format}`);
    await writeSalvage(archive, survey, to, undefined);
    await expect(writeSalvage(archive, survey, to, undefined)).rejects.toMatchObject({ code: "storage.conflict" });
    await archive.close();
    execFileSync(clientTool(18, "pg_restore") ?? "pg_restore", ["--file=/dev/null", to]);
    const salvaged = await openArchive(to);
    expect(salvaged.header.format).toBe("custom");
    const { rows } = await pictureOf(salvaged);
    expect(Object.keys(rows).length).toBeGreaterThan(0);
    expect(picture.rows).toMatchObject(rows);
    await salvaged.close();
  });

  it("says where a script ends too early, shows what is there, and restores none of it", async () => {
    const path = dump(18, "objects", ["--format=plain"]);
    truncateSync(path, statSync(path).size >> 1);
    const archive = await openArchive(path);
    expect(archive.damage).toMatchObject({ code: "archive.truncated" });
    expect([...archive.toc].some((entry) => entry.desc === "TABLE DATA")).toBe(true);
    await archive.close();
    await expect(services.restore(server, path)).rejects.toMatchObject({ code: "archive.truncated" });
  });

  it("says of a folder that is no archive that it is none", async () => {
    const path = join(services.home.root, "empty");
    mkdirSync(path);
    await expect(openArchive(path)).rejects.toMatchObject({ code: "archive.notAnArchive" });
  });
});
