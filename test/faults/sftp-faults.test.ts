import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSftpStorage } from "../../electron/storage/sftp-storage.ts";
import { piecesOf } from "../../electron/storage/storage.ts";
import { testStorage } from "../../electron/storage/test-storage.ts";
import { startFaultProxy } from "../helpers/fault-proxy.ts";
import { requirement } from "../helpers/requirement.ts";
import { knownHostsOf, openSftp, sftpSettings } from "../helpers/sftp.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

const need = requirement("OpenSSH's server", hasSshd(), sshdRemedy);
const MiB = 1024 * 1024;

describe.skipIf(need !== "run")(`an SFTP server that fails (${need})`, () => {
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  }, 60_000);
  afterAll(() => sshd?.stop());
  const place = () => mkdtempSync(join(sshd.folder, "place-"));

  it("a read goes on where a cut connection ended it", async () => {
    const root = place();
    const bytes = randomBytes(12 * MiB);
    writeFileSync(join(root, "a.dump"), bytes);
    const proxy = await startFaultProxy(sshd.port);
    const storage = openSftp(sshd, root, { port: proxy.port });
    expect((await storage.stat("a.dump")).sizeBytes).toBe(bytes.length);
    proxy.reset({ cutAfterReceived: 5 * MiB });
    const hash = createHash("sha256");
    for await (const piece of storage.readStream("a.dump")) hash.update(piece);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
    // Counted anew since the cut.
    expect(proxy.connections).toBe(1);
    await storage.close();
    await proxy.close();
  });

  it("a cut write leaves nothing, and is told as a connection that was lost", async () => {
    const root = place();
    const proxy = await startFaultProxy(sshd.port);
    const storage = openSftp(sshd, root, { port: proxy.port });
    await storage.write("first", piecesOf("x"));
    proxy.reset({ cutAfterSent: 3 * MiB });
    const large = Array.from({ length: 8 }, () => randomBytes(MiB));
    await expect(storage.write("a.dump", piecesOf(...large))).rejects.toMatchObject({ code: "storage.unreachable" });
    expect(readdirSync(root)).toEqual(["first"]);
    await storage.write("a.dump", piecesOf(...large));
    expect(readFileSync(join(root, "a.dump"))).toHaveLength(8 * MiB);
    await storage.close();
    await proxy.close();
  });

  it("a server that is gone for a moment is reached again; one that stays away is told", async () => {
    const root = place();
    const storage = openSftp(sshd, root);
    await storage.write("a", piecesOf("x"));
    sshd.halt();
    const back = sleep(700).then(() => sshd.resume());
    expect(Buffer.from(await storage.read("a")).toString()).toBe("x");
    await back;
    sshd.halt();
    await expect(storage.stat("a")).rejects.toMatchObject({ code: "storage.unreachable" });
    await sshd.resume();
    await storage.close();
  });

  it("stops at once when asked to, also where the connection stalls", async () => {
    const root = place();
    writeFileSync(join(root, "a"), randomBytes(4 * MiB));
    const proxy = await startFaultProxy(sshd.port);
    const storage = openSftp(sshd, root, { port: proxy.port });
    await storage.stat("a");
    proxy.reset({ stallAfterReceived: MiB });
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error("enough")), 500);
    await expect(storage.read("a", { signal: ending.signal })).rejects.toThrow("enough");
    await storage.close();
    await proxy.close();
  });

  it("does without OpenSSH's extensions", async () => {
    const plain = await startSshd({
      config: ["ForceCommand internal-sftp -P posix-rename,fsync,statvfs,fstatvfs,hardlink,limits,expand-path"],
    });
    try {
      const storage = openSftp(plain, mkdtempSync(join(plain.folder, "place-")));
      await storage.write("a", piecesOf("first"));
      await storage.write("a", piecesOf("second"));
      expect(Buffer.from(await storage.read("a")).toString()).toBe("second");
      await expect(storage.write("a", piecesOf("third"), { ifAbsent: true })).rejects.toMatchObject({
        code: "storage.conflict",
      });
      expect(await storage.describe()).toMatchObject({ freeBytes: null });
      await storage.close();
    } finally {
      await plain.stop();
    }
  });

  it("says of a server without SFTP that it has none, and lets in nobody else's key", async () => {
    const forced = await startSshd({ config: ["ForceCommand /bin/false"] });
    const root = place();
    const { signal } = new AbortController();
    const failing = async (open: () => ReturnType<typeof openSftp>) => {
      const { steps, error } = await testStorage(() => Promise.resolve(open()), signal);
      return [steps.find(({ state }) => state === "failed")?.step, error?.code];
    };
    try {
      expect((await failing(() => openSftp(forced, root)))[1]).toMatch(/storage\.(unsupported|unreachable)/);
    } finally {
      await forced.stop();
    }
    expect(await failing(() => openSftp(sshd, root, { keyFile: sshd.strangerKeyFile }))).toEqual([
      "login",
      "ssh.authentication",
    ]);
    const empty = join(root, "known_hosts");
    const stranger = () =>
      createSftpStorage(sftpSettings(sshd, root), { knownHostsFile: empty, secret: () => Promise.resolve(null) });
    expect(await failing(stranger)).toEqual(["reach", "ssh.hostKeyUnknown"]);
    const known = knownHostsOf(sshd);
    await sshd.changeHostKeys();
    const changed = () =>
      createSftpStorage(sftpSettings(sshd, root), { knownHostsFile: known, secret: () => Promise.resolve(null) });
    expect(await failing(changed)).toEqual(["reach", "ssh.hostKeyChanged"]);
  });

  const canMount = requirement("root and tmpfs", process.getuid?.() === 0 && process.platform === "linux");
  it.skipIf(canMount !== "run")(`tells a full disk, and leaves nothing on it (${canMount})`, async () => {
    const root = place();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", root]);
    try {
      const storage = openSftp(sshd, root);
      const large = Array.from({ length: 8 }, () => randomBytes(MiB));
      await expect(storage.write("a", piecesOf(...large))).rejects.toMatchObject({ code: "storage.full" });
      expect(readdirSync(root)).toEqual([]);
      expect((await storage.describe()).freeBytes).toBeGreaterThan(3 * MiB);
      await storage.close();
    } finally {
      execFileSync("umount", ["-l", root]);
    }
  });
});
