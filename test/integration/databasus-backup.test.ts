import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { openKeyRing } from "../../electron/encryption/key-ring.ts";
import { pictureOf } from "../contract/archive-contract.ts";
import { clientFolder, clientsRemedy, clientTool } from "../helpers/clients.ts";
import { sortedContentsOf } from "../helpers/database-contents.ts";
import { databasusBackupId, databasusKey, encryptAsDatabasus } from "../helpers/databasus-writer.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, type Services } from "../helpers/services.ts";

/** Archives as Databasus stores them: pg_dump's custom format through a pipe, compressed inside, encrypted around. */
const isHere = availableMajors().includes(15) && clientTool(18, "pg_dump") !== null;
const need = requirement("PostgreSQL 15 and pg_dump 18", isHere, clientsRemedy);

describe.skipIf(need !== "run")(`an encrypted backup of Databasus ${need}`, () => {
  let server: TestServer;
  let services: Services;
  let path: string;
  let plainPath: string;
  let keyFile: string;

  beforeAll(async () => {
    server = await startServer(15);
    services = await openServices();
    await seedTypesAndObjects(server);
    const program = clientTool(18, "pg_dump") ?? "pg_dump";
    const args = ["--format=custom", "--compress=zstd:5", `--dbname=${server.url("objects")}`];
    const dump = execFileSync("/bin/sh", ["-c", '"$@" | cat', "sh", program, ...args], { maxBuffer: 1 << 28 });
    path = join(services.home.root, `objects-20260218-${databasusBackupId}`);
    plainPath = join(services.home.root, "plain.dump");
    keyFile = join(services.home.root, "secret.key");
    writeFileSync(path, encryptAsDatabasus(dump));
    writeFileSync(plainPath, dump);
    writeFileSync(keyFile, databasusKey);
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  it("opens like the archive in it, by its name or by the file beside it", async () => {
    const plain = await openArchive(plainPath);
    const expected = await pictureOf(plain);
    await plain.close();
    const { home } = services;
    const keys = openKeyRing({ home, env: {}, identityFile: keyFile });
    const archive = await openArchive(path, { keys });
    expect(archive).toMatchObject({ isEncrypted: true, opensByPath: false, sizeBytes: plain.sizeBytes });
    expect(await pictureOf(archive)).toEqual(expected);
    await archive.close();
    const renamed = join(home.root, "renamed");
    renameSync(path, renamed);
    await expect(openArchive(renamed, { keys })).rejects.toMatchObject({ code: "archive.keyMissing" });
    writeFileSync(`${renamed}.metadata`, JSON.stringify({ backupId: databasusBackupId, encryption: "encrypted" }));
    await (await openArchive(renamed, { keys })).close();
    renameSync(renamed, path);
    await expect(openArchive(path)).rejects.toMatchObject({ code: "encryption.databasusKeyMissing" });
    await expect(openArchive(path, { keys: openKeyRing({ home, env: {} }) })).rejects.toMatchObject({
      code: "encryption.databasusKeyMissing",
    });
  });

  it("gives back a table, with its key in no argument and no output", async () => {
    const env = { LIFEBOAT_HOME: services.home.root, LIFEBOAT_TOOLS: clientFolder(18) ?? "" };
    const target = ["--into", server.url(), "--as", "from_databasus", "--table", "data.parents", "--yes"];
    const done = await runCli(["restore", path, ...target, "--identity", keyFile, "--json"], { env });
    expect(done).toMatchObject({ code: 0 });
    const [back, source] = await Promise.all(
      ["from_databasus", "objects"].map((name) => sortedContentsOf(server, name)),
    );
    expect(back?.["data.parents"]).toBe(source?.["data.parents"]);
    expect(back?.["data.parents"]).toEqual(expect.any(String));
    expect(done.stdout + done.stderr).not.toContain(databasusKey.slice(0, 36));
    const without = await runCli(["contents", path], { env });
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining("secret.key") });
  });
});
