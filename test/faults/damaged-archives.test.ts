import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { startVerify, type VerifyRequest } from "../../electron/jobs/run-verify.ts";
import { readWholeArchive } from "../../electron/verify/read-archive.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import {
  availableMajors,
  clientFolder,
  clientsRemedy,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";
import { backupIn, openServices, type Services } from "../helpers/services.ts";
import { dumpThroughPipe } from "../helpers/table-picture.ts";

/**
 * Real backups, cut and flipped. Cut anywhere, no level of verification takes them for whole, with a manifest or without;
 * with one bit changed anywhere, the checksum tells.
 */
const need = requirement(
  "PostgreSQL 15 and the client of 17",
  availableMajors().includes(15) && clientFolder(17) !== null,
  `${serversRemedy}; ${clientsRemedy}`,
);

/** Random points are new in each run; the failing one is in the message. */
const randomPoints = 12;
/** Of a tar archive's end and behind a script's closing comment: a reader may do without them. */
const paddingBytes = 2048;
const { signal } = new AbortController();

describe.skipIf(need !== "run")(`damaged backups (${need})`, () => {
  let server: TestServer;
  let services: Services;
  let database: string;
  beforeAll(async () => {
    server = await startServer(15);
    services = await openServices();
    services.useTools([clientFolder(17) ?? ""]);
    database = await seedTypesAndObjects(server);
    await server.run("create table lines as select n, md5(n::text) as text from generate_series(1, 60000) n", database);
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  async function backUp(changes: Parameters<Services["backUp"]>[2]): Promise<string> {
    const job = await services.backUp(server, database, changes);
    expect(job).toMatchObject({ state: "succeeded", error: null });
    return backupIn(job).result.path;
  }

  const verify = (path: string, level: VerifyRequest["level"]): Promise<Job> =>
    startVerify({ path, level }, { home: services.home, env: {} }, services.jobs, {});

  /** A copy in another folder with the manifest of the whole one beside it, or without. */
  function damagedCopy(path: string, bytes: Uint8Array, withManifest: boolean): string {
    const name = basename(path);
    const copy = join(services.home.root, withManifest ? name : `bare-${name}`);
    writeFileSync(copy, bytes);
    const manifest = name.replace(/\.(dump|tar|sql.*)$/, ".manifest.json");
    if (withManifest) copyFileSync(join(dirname(path), manifest), join(services.home.root, manifest));
    return copy;
  }

  describe.each(["none", "gzip", "lz4", "zstd"] as const)("custom, %s", (method) => {
    let path: string;
    let whole: Buffer;
    beforeAll(async () => {
      path = await backUp({ compression: { method, level: null } });
      whole = readFileSync(path);
    });

    it("cut short anywhere: told by both levels, with and without the manifest", async () => {
      expect((await verify(path, "read")).error).toBeNull();
      expect((await verify(damagedCopy(path, whole, false), "read")).error).toBeNull();
      for (const length of await cuts(path, whole.length)) {
        const cut = whole.subarray(0, length);
        const copy = damagedCopy(path, cut, true);
        expect([length, codeOf(await verify(copy, "checksum"))]).toEqual([length, "verify.sizeMismatch"]);
        expect([length, codeOf(await verify(copy, "read"))]).toEqual([length, "verify.sizeMismatch"]);
        const bare = codeOf(await verify(damagedCopy(path, cut, false), "read"));
        expect(`${length}: ${bare}`).toMatch(/: archive\.(truncated|damaged|notAnArchive)$/);
      }
    });

    it("one bit changed anywhere: told by the checksum", async () => {
      for (const { at, mask } of flips(whole.length)) {
        const flipped = Buffer.from(whole);
        flipped[at]! ^= mask;
        const job = await verify(damagedCopy(path, flipped, true), "checksum");
        expect([at, mask, codeOf(job)]).toEqual([at, mask, "verify.checksumMismatch"]);
      }
    });
  });

  it("an archive from a pipe, which has no offsets, cut short anywhere", async () => {
    const path = join(services.home.root, "piped.dump");
    dumpThroughPipe(server, database, path);
    const whole = readFileSync(path);
    expect((await verify(path, "read")).error).toBeNull();
    for (const length of await cuts(path, whole.length)) {
      const bare = codeOf(await verify(damagedCopy(path, whole.subarray(0, length), false), "read"));
      expect(`${length}: ${bare}`).toMatch(/: archive\.(truncated|damaged|notAnArchive)$/);
    }
  });

  it.each([
    ["tar", { format: "tar", compression: { method: "none", level: null } }],
    ["plain", { format: "plain", compression: { method: "none", level: null } }],
    ["plain, gzip", { format: "plain", compression: { method: "gzip", level: null } }],
  ] as const)("%s: cut or changed, told by both levels and by the reader alone", async (_name, changes) => {
    const path = await backUp(changes);
    const whole = readFileSync(path);
    for (const length of [0, 1, 512, whole.length - 1, ...randomNumbers(whole.length)]) {
      const copy = damagedCopy(path, whole.subarray(0, length), true);
      expect([length, codeOf(await verify(copy, "checksum"))]).toEqual([length, "verify.sizeMismatch"]);
      expect([length, codeOf(await verify(copy, "read"))]).toEqual([length, "verify.sizeMismatch"]);
      if (length > whole.length - paddingBytes) continue;
      const reading = readWholeArchive(copy, changes, {
        signal,
        onBytes() {},
        access: { home: services.home, env: {} },
      });
      const found = await reading.then(
        () => "whole",
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      );
      expect(`${length}: ${found}`).toMatch(/: (archive\.(truncated|damaged|notAnArchive)|backup\.incomplete)$/);
    }
    for (const { at, mask } of flips(whole.length)) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= mask;
      const job = await verify(damagedCopy(path, flipped, true), "checksum");
      expect([at, mask, codeOf(job)]).toEqual([at, mask, "verify.checksumMismatch"]);
    }
  });

  it("each file of a directory", async () => {
    const path = await backUp({ format: "directory", jobs: 2 });
    const { files } = JSON.parse(readFileSync(path.replace(/\.dir$/, ".manifest.json"), "utf8"));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const member = join(dirname(path), file.path);
      const whole = readFileSync(member);
      if (whole.length === 0) continue;
      writeFileSync(member, whole.subarray(0, -1));
      expect([file.path, codeOf(await verify(path, "checksum"))]).toEqual([file.path, "verify.sizeMismatch"]);
      const flipped = Buffer.from(whole);
      flipped[Math.floor(Math.random() * whole.length)]! ^= 1;
      writeFileSync(member, flipped);
      expect([file.path, codeOf(await verify(path, "checksum"))]).toEqual([file.path, "verify.checksumMismatch"]);
      rmSync(member);
      expect([file.path, codeOf(await verify(path, "checksum"))]).toEqual([file.path, "storage.notFound"]);
      writeFileSync(member, whole);
    }
    expect((await verify(path, "read")).error).toBeNull();
  });

  it("the command says so with its exit code", async () => {
    const path = await backUp({});
    const env = { LIFEBOAT_HOME: services.home.root };
    const whole = readFileSync(path);
    const flipped = Buffer.from(whole);
    flipped[whole.length >> 1]! ^= 4;
    for (const [bytes, level, code] of [
      [whole.subarray(0, -1), "checksum", "verify.sizeMismatch"],
      [whole.subarray(0, -1), "read", "verify.sizeMismatch"],
      [flipped, "checksum", "verify.checksumMismatch"],
    ] as const) {
      const copy = damagedCopy(path, bytes, true);
      const end = await runCli(["verify", copy, "--level", level, "--json"], { env });
      expect(end.code).toBe(1);
      expect(JSON.parse(end.stdout)).toMatchObject({ error: { code } });
    }
  });
});

function codeOf(job: Job): string {
  return job.error?.code ?? job.state;
}

/** Lengths to cut to: the ends, the header, the table of contents, the edges of every data block and of some chunks. */
async function cuts(path: string, sizeBytes: number): Promise<number[]> {
  const archive = await openArchive(path);
  try {
    const { tocBytes } = archive;
    const points = new Set([0, 1, 4, 5, 11, 60, tocBytes >> 1, tocBytes - 1, tocBytes, tocBytes + 1, sizeBytes - 1]);
    for (const entry of archive.toc) {
      if (!entry.hasData) continue;
      // oxlint-disable-next-line no-await-in-loop -- one file
      const { offset, length } = await archive.dataRange(entry.dumpId);
      // Block type, dump id and the first chunk's length take 11 bytes; the block's end is a chunk of no length, 5 bytes.
      for (const at of [offset, offset + 1, offset + 6, offset + 11, offset + length - 5, offset + length - 1])
        if (Math.random() < 0.25 || entry.tag === "lines") points.add(at);
      if (entry.tag === "lines") for (const edge of chunkEdges(path, offset, length)) points.add(edge);
    }
    for (const point of randomNumbers(sizeBytes)) points.add(point);
    return [...points].filter((point) => point < sizeBytes);
  } finally {
    await archive.close();
  }
}

/** Where some chunks of a block begin: each has its length before it, a sign and four bytes. */
function chunkEdges(path: string, offset: number, length: number): number[] {
  const bytes = readFileSync(path).subarray(offset, offset + length);
  const edges: number[] = [];
  for (let at = 6; at + 5 <= bytes.length; at += 5 + bytes.readUInt32LE(at + 1)) edges.push(offset + at);
  expect(edges.length).toBeGreaterThan(2);
  return [...edges.slice(0, 4), ...edges.slice(-3)];
}

function flips(sizeBytes: number): { at: number; mask: number }[] {
  return [0, sizeBytes - 1, ...randomNumbers(sizeBytes)].map((at) => ({
    at,
    mask: 1 << Math.floor(Math.random() * 8),
  }));
}

function randomNumbers(below: number): number[] {
  return Array.from({ length: randomPoints }, () => Math.floor(Math.random() * below));
}
