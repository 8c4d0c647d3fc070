import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSftpStorage } from "../../electron/storage/sftp-storage.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import type { SftpSettings } from "../../shared/storage/settings.ts";
import type { TestSshd } from "./sshd.ts";

/** Settings for a folder on a test's server, with the key that it lets in. */
export function sftpSettings(sshd: TestSshd, path: string, more: Partial<SftpSettings> = {}): SftpSettings {
  return { kind: "sftp", host: sshd.host, port: sshd.port, user: sshd.user, path, keyFile: sshd.keyFile, ...more };
}

/** A file of known hosts that knows this server, at another port too where there is a proxy in front of it. */
export function knownHostsOf(sshd: TestSshd, port = sshd.port): string {
  const file = join(mkdtempSync(join(sshd.folder, "known-")), "known_hosts");
  writeFileSync(file, sshd.knownHosts().replaceAll(`]:${sshd.port} `, `]:${port} `));
  return file;
}

export function openSftp(sshd: TestSshd, path: string, more: Partial<SftpSettings> = {}): Storage {
  return createSftpStorage(sftpSettings(sshd, path, more), {
    knownHostsFile: knownHostsOf(sshd, more.port),
    secret: () => Promise.resolve(null),
  });
}
