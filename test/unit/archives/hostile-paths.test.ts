import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { surveyArchive } from "../../../electron/archives/salvage.ts";
import { listBackups, loadManifestBeside } from "../../../electron/storage/backup-folder.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { writeTocFile } from "../../../shared/archive/toc-writer.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { requirement } from "../../helpers/requirement.ts";

/** Archives that lead out of themselves: nothing they point at is opened, and nobody waits at what never ends. */
const root = mkdtempSync(join(tmpdir(), "lifeboat-hostile-"));
const folder = join(root, "archive");
const secret = "root:x:0:0:outside of the archive\n";
const posix = requirement("FIFOs and devices", process.platform !== "win32", "a POSIX system");
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, "passwd"), secret);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const members = [
  "../passwd",
  "../../etc/passwd",
  "/etc/passwd",
  "..\\passwd",
  "C:\\passwd",
  "1.dat/../../passwd",
  "1.dat\0.png",
  "toc.dat",
  ".",
  " 1.dat",
  "1.DAT",
];

function tocNaming(member: string, desc = "TABLE DATA"): Uint8Array {
  const header = { version: 14, createdAt: new Date(0), database: "shop", serverVersion: "15.1", dumpVersion: "15.1" };
  const copyStatement = desc === "BLOBS" ? null : "COPY public.t (line) FROM stdin;\n";
  return writeTocFile(header, [
    {
      dumpId: 1,
      desc,
      tag: "t",
      section: 3,
      definition: null,
      dropStatement: "",
      copyStatement,
      namespace: "public",
      tablespace: null,
      tableAccessMethod: null,
      relationKind: 0,
      owner: "",
      dependencies: [],
      member,
    },
  ]);
}

/** A ustar file of these members, with right checksums. */
function tarOf(...files: readonly { name: string; bytes?: Uint8Array; type?: string; link?: string }[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { name, bytes = new Uint8Array(0), type = "0", link = "" } of files) {
    const header = Buffer.alloc(512);
    header.write(name, 0, "latin1");
    header.write("0000600\x000000000\x000000000\x00", 100, "latin1");
    header.write(bytes.length.toString(8).padStart(11, "0"), 124, "latin1");
    header.write(`${"0".repeat(11)}\0        ${type}`, 136, "latin1");
    header.write(link, 157, "latin1");
    header.write("ustar\x0000", 257, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    parts.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

async function codesOf(path: string): Promise<string[]> {
  try {
    const archive = await openArchive(path);
    try {
      const survey = await surveyArchive(archive, undefined);
      return survey.map(({ broken }) => broken?.code ?? "whole");
    } finally {
      await archive.close();
    }
  } catch (error) {
    if (error instanceof AppError) return [error.code];
    throw error;
  }
}

describe("a table of contents that names a file elsewhere", () => {
  it.each(members)("%j in a directory archive", async (member) => {
    writeFileSync(join(folder, "toc.dat"), tocNaming(member));
    expect(await codesOf(folder)).toEqual(["archive.hostile"]);
  });

  it.each(members)("%j in a tar archive, which has such a member", async (member) => {
    const path = join(root, "a.tar");
    writeFileSync(
      path,
      tarOf({ name: "toc.dat", bytes: tocNaming(member) }, { name: member, bytes: Buffer.from(secret) }),
    );
    expect(await codesOf(path)).toEqual(["archive.hostile"]);
  });

  it.each(members)("%j in the index of large objects", async (member) => {
    writeFileSync(join(folder, "toc.dat"), tocNaming("blobs.toc", "BLOBS"));
    writeFileSync(join(folder, "blobs.toc"), `16412 ${member}\n`);
    expect(await codesOf(folder)).toEqual(["archive.hostile"]);
    const path = join(root, "a.tar");
    const index = { name: "blobs.toc", bytes: Buffer.from(`16412 ${member}\n`) };
    writeFileSync(path, tarOf({ name: "toc.dat", bytes: tocNaming("blobs.toc", "BLOBS") }, index));
    expect(await codesOf(path)).toEqual(["archive.hostile"]);
  });
});

it.each(["0", "4294967296", "9999999999"])(
  "a large object with the number %s, which none has, is damage",
  async (oid) => {
    writeFileSync(join(folder, "toc.dat"), tocNaming("blobs.toc", "BLOBS"));
    writeFileSync(join(folder, "blobs.toc"), `${oid} blob_${oid}.dat\n`);
    writeFileSync(join(folder, `blob_${oid}.dat`), "hello");
    expect(await codesOf(folder)).toEqual(["archive.damaged"]);
  },
);

describe("a member that is no plain file", () => {
  it.each([
    ["1", "hard link"],
    ["2", "symbolic link"],
    ["3", "character device"],
    ["4", "block device"],
    ["5", "folder"],
    ["6", "FIFO"],
    ["L", "long name"],
    ["x", "extended header"],
  ])("type %s of a tar archive (%s) is not there", async (type) => {
    const path = join(root, "a.tar");
    const link = { name: "1.dat", type, link: "/etc/passwd" };
    writeFileSync(path, tarOf({ name: "toc.dat", bytes: tocNaming("1.dat") }, link));
    expect(await codesOf(path)).toEqual(["archive.truncated"]);
  });

  it.skipIf(posix !== "run").each(["1.dat", "toc.dat", "2.dat", "blobs.toc"])(
    `a link, a FIFO and a folder called %s in a directory archive are refused ${posix}`,
    async (name) => {
      for (const make of [
        (path: string) => symlinkSync(join(root, "passwd"), path),
        (path: string) => symlinkSync("/dev/zero", path),
        (path: string) => execFileSync("mkfifo", [path]),
        (path: string) => mkdirSync(path),
      ]) {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
        writeFileSync(join(folder, "toc.dat"), tocNaming("1.dat"));
        writeFileSync(join(folder, "1.dat"), "\\.\n\n\n");
        rmSync(join(folder, name), { force: true });
        make(join(folder, name));
        expect(await codesOf(folder)).toEqual(["archive.hostile"]);
      }
    },
  );

  it("a hard link is a file like any other, and what is in it is no row", async () => {
    writeFileSync(join(folder, "toc.dat"), tocNaming("1.dat"));
    linkSync(join(root, "passwd"), join(folder, "1.dat"));
    expect(await codesOf(folder)).toEqual(["archive.truncated"]);
  });
});

describe.skipIf(posix !== "run")(`what never ends ${posix}`, () => {
  it("a FIFO and a device are no archives, and nobody waits for them", async () => {
    const fifo = join(root, "shop_20261121T020000Z.dump");
    execFileSync("mkfifo", [fifo]);
    for (const path of [fifo, "/dev/zero", "/dev/null", "/dev/tty"].slice(0, 3))
      expect([path, await codesOf(path)]).toEqual([path, ["archive.notAnArchive"]]);
    await expect(createLocalStorage(root).stat("shop_20261121T020000Z.dump")).rejects.toMatchObject({
      code: "storage.notFound",
    });
    await expect(createLocalStorage(root).read("shop_20261121T020000Z.dump")).rejects.toMatchObject({
      code: "storage.notFound",
    });
  });

  it("a FIFO in a manifest's place keeps no list waiting", async () => {
    const manifest = join(root, "shop_20261121T020000Z.manifest.json");
    execFileSync("mkfifo", [manifest]);
    writeFileSync(join(root, "shop_20261121T020000Z.dump"), "");
    const { backups, unreadable } = await listBackups(root);
    expect([backups, unreadable.map(({ path, error }) => [path, error.code])]).toEqual([
      [],
      [[manifest, "backup.manifestInvalid"]],
    ]);
    await expect(loadManifestBeside(join(root, "shop_20261121T020000Z.dump"))).rejects.toMatchObject({
      code: "backup.manifestInvalid",
    });
  });
});
