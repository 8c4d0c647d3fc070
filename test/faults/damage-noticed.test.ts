import { closeSync, copyFileSync, openSync, readFileSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { openKeyStore } from "../../electron/encryption/key-store.ts";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { checkFiles } from "../../electron/verify/check-files.ts";
import { holdChosen } from "../../electron/verify/hold-chosen.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { clientFolder, clientsRemedy, requirement, startServer, type TestServer } from "../helpers/servers.ts";
import { backupIn, openServices, type Services } from "../helpers/services.ts";

/**
 * Backups of Lifeboat in every format and compression, plain and encrypted, cut and flipped hundreds of times: the checksums
 * tell each, and a restore refuses before there is a database.
 */
const need = requirement("the client of 17", clientFolder(17) !== null, clientsRemedy);

/** Of each backup; all together over 300 of each kind. */
const cutsAndFlips = 24;
const { signal } = new AbortController();
const compressed = (methods: readonly ("none" | "gzip" | "lz4" | "zstd")[]) =>
  methods.map((method) => ({ compression: { method, level: null } }));
const formats = [
  ...compressed(["none", "gzip", "lz4", "zstd"]).map((one) => ({ format: "custom" as const, ...one })),
  ...compressed(["none", "gzip", "lz4", "zstd"]).map((one) => ({ format: "directory" as const, ...one })),
  ...compressed(["none"]).map((one) => ({ format: "tar" as const, ...one })),
  ...compressed(["none", "gzip"]).map((one) => ({ format: "plain" as const, ...one })),
];
const kinds = formats.flatMap((one) =>
  (one.format === "directory" ? [false] : [false, true]).map((isEncrypted) => ({
    ...one,
    isEncrypted,
    title: `${one.format}, ${one.compression.method}${isEncrypted ? ", encrypted" : ""}`,
  })),
);

describe.skipIf(need !== "run")(`damage is noticed ${need}`, () => {
  let server: TestServer;
  let services: Services;
  let database: string;
  let recipient: string;
  beforeAll(async () => {
    server = await startServer(15);
    services = await openServices();
    services.useTools([clientFolder(17) ?? ""]);
    database = await seedTypesAndObjects(server);
    recipient = (await openKeyStore(services.home, services.secrets).create("shop")).recipient;
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  it.each(kinds)("$title", async ({ title, format, compression, isEncrypted }) => {
    const recipients = isEncrypted ? [recipient] : [];
    const job = await services.backUp(server, database, { format, compression, recipients });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const { result, manifest } = backupIn(job);
    const folder = dirname(result.manifestPath);
    const storage = createLocalStorage(folder);
    const check = () => codeOf(checkFiles(storage, manifest, { signal, onBytes() {} }));
    expect(await check()).toBe("whole");
    for (let round = 0; round < cutsAndFlips; round++) {
      const { path, sizeBytes } = pickFile(manifest);
      const file = join(folder, path);
      const undoCut = cut(file, Math.floor(Math.random() * sizeBytes));
      expect([title, path, await check()]).toEqual([title, path, "verify.sizeMismatch"]);
      undoCut();
      const at = Math.floor(Math.random() * sizeBytes);
      flip(file, at, round % 8);
      expect([title, path, at, await check()]).toEqual([title, path, at, "verify.checksumMismatch"]);
      flip(file, at, round % 8);
    }
    expect(await check()).toBe("whole");

    // It is verified, and opened once age has decrypted it.
    if (isEncrypted && format === "plain" && compression.method !== "none") return;
    // What is restored, and nothing of it comes: in the data of a table where that can be told, else anywhere.
    const access = { home: services.home, env: {}, keys: services.keys };
    const { id, file, range } = await someData(result.path, folder, manifest, services);
    const hold = () => codeOf(holdChosen(result.path, [id], access, signal));
    expect(await hold()).toBe("whole");
    for (let round = 0; round < 8; round++) {
      const at = range.start + Math.floor(Math.random() * (range.end - range.start));
      flip(file, at, round);
      expect([title, at, await hold()]).toEqual([
        title,
        at,
        expect.stringMatching(/^(verify\.checksumMismatch|archive\..*)$/),
      ]);
      if (round === 0) await expectNoDatabase(result.path, title);
      flip(file, at, round);
    }
    const undoCut = cut(file, statSync(file).size - 1);
    await expectNoDatabase(result.path, title);
    undoCut();
    const whole = await services.restore(server, result.path, { newDatabaseName: `whole ${title}` });
    expect(whole).toMatchObject({ state: "succeeded", error: null });
  });

  async function expectNoDatabase(archive: string, title: string): Promise<void> {
    const name = `damaged ${title}`;
    const outcome = await services.restore(server, archive, { newDatabaseName: name }).then(
      ({ state, error }) => `${state} ${error?.code}`,
      (error: unknown) => (error instanceof AppError ? `failed ${error.code}` : String(error)),
    );
    expect(`${title}: ${outcome}`).toMatch(/: failed (verify\.|archive\.)/);
    expect(await server.run(`select datname from pg_database where datname = '${name}'`)).toEqual([]);
  }
});

function pickFile({ files }: Manifest): Manifest["files"][number] {
  const full = files.filter(({ sizeBytes }) => sizeBytes > 0);
  return full[Math.floor(Math.random() * full.length)]!;
}

/** A table's data: which entry, in which file, and where in it; of a wrapped or encrypted one, anywhere behind its beginning. */
async function someData(path: string, folder: string, manifest: Manifest, { home, keys }: Services) {
  const archive = await openArchive(path, { keys, home });
  try {
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === "lines") ?? null;
    const data = entry ?? [...archive.toc].find(({ desc, hasData }) => desc === "TABLE DATA" && hasData);
    if (data === undefined) throw new Error("no data");
    const id = data.dumpId;
    const { member, offset, length } = await archive.dataRange(id);
    if (manifest.format === "directory")
      return { id, file: join(path, member ?? ""), range: { start: 0, end: length } };
    const { size } = statSync(path);
    const isAsIs = manifest.format === "custom" && !archive.isEncrypted;
    const range = isAsIs ? { start: offset, end: offset + length } : { start: size >> 1, end: size };
    return { id, file: join(folder, path.slice(folder.length + 1)), range };
  } finally {
    await archive.close();
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "whole",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

/** In place: done twice it is undone. */
function flip(path: string, at: number, bit: number): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0]! ^= 1 << bit;
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

/** @returns what puts it back */
function cut(path: string, length: number): () => void {
  const kept = `${path}.kept`;
  copyFileSync(path, kept);
  truncateSync(path, length);
  return () => {
    const file = openSync(path, "r+");
    const bytes = readFileSync(kept);
    writeSync(file, bytes, 0, bytes.length, 0);
    closeSync(file);
  };
}
