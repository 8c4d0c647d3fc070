import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { openSftp } from "../helpers/sftp.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";
import { expectContract, storageContract } from "./storage-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-storage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a folder", () => {
  it.each(storageContract)("%s", (_name, work) =>
    expectContract(() => Promise.resolve(createLocalStorage(join(folder, randomUUID()))), work),
  );

  it("sweeps what a killed writer left behind a day ago, and nothing else", async () => {
    const root = mkdtempSync(join(folder, "sweep-"));
    const names = ["a.dump.abcdefghijklmnop.partial", "b.dump.abcdefghijklmnop.partial", "c.dump.partial"];
    for (const name of names) writeFileSync(join(root, name), "x");
    for (const name of [names[0]!, names[2]!]) utimesSync(join(root, name), 0, 0);
    expect(await createLocalStorage(root).sweepStaleUploads()).toBe(1);
  });
});

const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(rgwHere !== "run")(`a bucket (${rgwHere})`, () => {
  let rgw: TestRgw;
  beforeAll(async () => {
    rgw = await startRgw();
    await makeBucket(rgw, "contract");
  }, 180_000);
  afterAll(() => rgw?.stop());

  it.each(storageContract)("%s", (_name, work) =>
    expectContract(() => openBucket(rgw, "contract", randomUUID()), work),
  );
});

const sshdHere = requirement("OpenSSH's server", hasSshd(), sshdRemedy);

describe.skipIf(sshdHere !== "run")(`a folder on an SFTP server (${sshdHere})`, () => {
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  }, 60_000);
  afterAll(() => sshd?.stop());

  it.each(storageContract)("%s", (_name, work) =>
    expectContract(() => Promise.resolve(openSftp(sshd, join(sshd.folder, "files", randomUUID()))), work),
  );

  it("sweeps what a killed writer left behind a day ago, and nothing else", async () => {
    const root = mkdtempSync(join(sshd.folder, "sweep-"));
    const names = ["a.dump.abcdefghijklmnop.partial", "b.dump.abcdefghijklmnop.partial", "c.dump.partial"];
    for (const name of names) writeFileSync(join(root, name), "x");
    for (const name of [names[0]!, names[2]!]) utimesSync(join(root, name), 0, 0);
    const storage = openSftp(sshd, root);
    expect(await storage.sweepStaleUploads()).toBe(1);
    await storage.close();
  });
});
