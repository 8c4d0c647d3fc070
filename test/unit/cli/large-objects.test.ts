import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../helpers/run-cli.ts";
import { buildArchive } from "../../helpers/synthetic-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-large-"));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { LIFEBOAT_HOME: join(folder, "home") };
const path = join(folder, "large.dump");
const large = Buffer.alloc(300_000, "sail");
const data = [
  { oid: 16_421, bytes: large },
  { oid: 4_294_967_295, bytes: Buffer.alloc(0) },
  { oid: 17, bytes: Buffer.from("oar") },
];
writeFileSync(
  path,
  buildArchive({
    entries: [
      { dumpId: 5, desc: "BLOBS", tag: "BLOBS", data },
      { dumpId: 6, desc: "BLOB", tag: "16421", owner: "sailor", definition: "SELECT pg_catalog.lo_create('16421');\n" },
      { dumpId: 7, desc: "BLOB METADATA", tag: "17..18", owner: "cook", definition: "17\n18\n" },
      {
        dumpId: 8,
        desc: "COMMENT",
        tag: "LARGE OBJECT 17",
        definition: "COMMENT ON LARGE OBJECT 17 IS E'the cook''s\\\\lease';\n",
      },
    ],
  }),
);
const said = new Map([
  [16_421, { owner: "sailor", comment: null }],
  [17, { owner: "cook", comment: "the cook's\\lease" }],
]);
const empty = join(folder, "empty.dump");
writeFileSync(
  empty,
  buildArchive({ entries: [{ dumpId: 5, desc: "TABLE", tag: "t", definition: "CREATE TABLE t ();\n" }] }),
);

const run = (...args: string[]) => runCli(["large-objects", ...args], { env });

describe("lifeboat large-objects", () => {
  it("lists them with their sizes", async () => {
    const { code, stdout } = await run(path, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      archive: path,
      sizeBytes: 300_003,
      largeObjects: data.map(({ oid, bytes }) => ({
        oid,
        sizeBytes: bytes.length,
        ...(said.get(oid) ?? { owner: null, comment: null }),
      })),
    });
    expect((await run(path)).stdout.split("\n")[1]?.trim()).toBe("16421  300 kB  sailor");
    expect((await run(empty)).stdout).toBe("The archive has no large objects.\n");
  });

  it("saves one whole, and replaces nothing unasked", async () => {
    const output = join(folder, "saved");
    expect((await run(path, "--save", "16421", "--output", output)).code).toBe(0);
    expect(readFileSync(output).equals(large)).toBe(true);
    expect(await run(path, "--save", "17", "--output", output)).toMatchObject({ code: 1 });
    expect((await run(path, "--save", "17", "--output", output, "--overwrite")).code).toBe(0);
    expect(readFileSync(output, "utf8")).toBe("oar");
  });

  it.each([
    [["--save", "18", "--output", join(folder, "none")], 1, /no large object 18/],
    [["--save", "17"], 2, /--save and --output go together/],
    [["--save", "x"], 2, /number of a large object/],
  ])("%j", async (args, code, message) => {
    const done = await run(path, ...args);
    expect(done.code).toBe(code);
    expect(done.stderr).toMatch(message);
  });
});
