import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requirement } from "../helpers/requirement.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

const run = requirement("OpenSSH's server", hasSshd(), sshdRemedy);
const call = promisify(execFile);

describe.skipIf(run !== "run")(`the sshd of the tests (${run})`, () => {
  let sshd: TestSshd;
  let options: string[];
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ["ed25519", "rsa"] });
    const knownHosts = join(sshd.folder, "known_hosts");
    writeFileSync(knownHosts, sshd.knownHosts());
    options = ["-F", "none", "-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${knownHosts}`];
  });
  afterAll(() => sshd?.stop());
  const ssh = (key: string, command = "echo hello") =>
    call("ssh", [...options, "-i", key, "-p", String(sshd.port), `${sshd.user}@127.0.0.1`, command]);

  it("lets its key in by the host keys it names, and no other", async () => {
    expect((await ssh(sshd.keyFile)).stdout).toBe("hello\n");
    await expect(ssh(sshd.strangerKeyFile)).rejects.toThrow("Permission denied (publickey)");
    expect(sshd.fingerprint()).toMatch(/^SHA256:[\w+/]{43}$/);
  });

  it("serves SFTP", async () => {
    const batch = join(sshd.folder, "batch");
    writeFileSync(batch, `put ${sshd.logFile} ${sshd.folder}/uploaded\nls ${sshd.folder}/uploaded\n`);
    const key = ["-i", sshd.keyFile, "-P", String(sshd.port)];
    expect((await call("sftp", [...options, ...key, "-b", batch, `${sshd.user}@127.0.0.1`])).stdout).toContain(
      "uploaded",
    );
  });

  it("is gone with its connections after halt, and there again after resume", async () => {
    const ended = ssh(sshd.keyFile, "sleep 60").catch((error: unknown) => String(error));
    await new Promise((resolve) => setTimeout(resolve, 500));
    sshd.halt();
    expect(await ended).toContain("Command failed");
    await expect(ssh(sshd.keyFile)).rejects.toThrow("Connection refused");
    await sshd.resume();
    expect((await ssh(sshd.keyFile)).stdout).toBe("hello\n");
    await sshd.changeHostKeys();
    await expect(ssh(sshd.keyFile)).rejects.toThrow("REMOTE HOST IDENTIFICATION HAS CHANGED");
  });
});
