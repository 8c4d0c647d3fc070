import { AppError } from "../../shared/error/app-error.ts";
import type { SshTunnel } from "../../shared/profile/profile.ts";
import type { Secret } from "../secrets/secret.ts";
import { loadKnownHosts } from "./known-hosts.ts";
import { findSshServer } from "./ssh-server.ts";

/** What is said of a file: attributes of SFTP version 3. Times are whole seconds. */
export interface SftpFile {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** An opened file, of one session. */
export type SftpHandle = Buffer;

/**
 * Calls of SFTP version 3 (draft-ietf-secsh-filexfer-02) and OpenSSH's extensions. Each may throw storage.notFound,
 * storage.permissionDenied, storage.failed, which is all that version 3 tells apart, and storage.unreachable when the
 * connection is gone.
 */
export interface SftpSession {
  /** `new` fails where the path is taken. */
  open(path: string, how: "read" | "new"): Promise<SftpHandle>;
  close(handle: SftpHandle): Promise<void>;
  /** At most `sftpPieceBytes`; empty at the end. */
  read(handle: SftpHandle, offset: number, length: number): Promise<Uint8Array>;
  /** At most `sftpPieceBytes`, which may be used for other things as soon as this returned its promise. */
  write(handle: SftpHandle, bytes: Uint8Array, offset: number): Promise<void>;
  /** Down to the disk, by fsync@openssh.com; nothing happens where the server does not have that. */
  sync(handle: SftpHandle): Promise<void>;
  statHandle(handle: SftpHandle): Promise<SftpFile>;
  /** Follows links. */
  stat(path: string): Promise<SftpFile>;
  entries(folder: string): AsyncIterable<{ readonly name: string; readonly file: SftpFile }>;
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Fails where the new name is taken, as version 3 has it; OpenSSH does it by a link, so of two only one gets through. */
  rename(from: string, to: string): Promise<void>;
  /** In place of what is there: posix-rename@openssh.com, and where there is none, delete and rename. */
  replace(from: string, to: string): Promise<void>;
  /** By statvfs@openssh.com; null where the server does not have it. */
  freeBytes(path: string): Promise<number | null>;
  readonly isLost: boolean;
  end(): void;
}

/** What every server takes in one packet (34,000 bytes with its head); larger ones would be sent one after another. */
export const sftpPieceBytes = 31 * 1024;

/** The calls as ssh2 has them; its own type stays behind its door. */
export interface SftpCalls {
  open(path: string, mode: "r" | "wx", attributes: { mode: number }, done: Done<Buffer>): void;
  close(handle: Buffer, done: Ended): void;
  read(handle: Buffer, into: Buffer, at: number, length: number, offset: number, done: Done<number>): void;
  write(handle: Buffer, bytes: Buffer, at: number, length: number, offset: number, done: Ended): void;
  fstat(handle: Buffer, done: Done<Attributes>): void;
  stat(path: string, done: Done<Attributes>): void;
  opendir(path: string, done: Done<Buffer>): void;
  readdir(handle: Buffer, done: Done<{ filename: string; attrs: Attributes }[]>): void;
  mkdir(path: string, attributes: { mode: number }, done: Ended): void;
  rmdir(path: string, done: Ended): void;
  unlink(path: string, done: Ended): void;
  rename(from: string, to: string, done: Ended): void;
  ext_openssh_rename(from: string, to: string, done: Ended): void;
  ext_openssh_fsync(handle: Buffer, done: Ended): void;
  ext_openssh_statvfs(path: string, done: Done<unknown>): void;
}

type Done<T> = (error: Error | null | undefined, value: T) => void;
type Ended = (error?: Error | null) => void;

interface Attributes {
  readonly size: number;
  readonly mtime: number;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** What is needed to log in and is not written in the settings. */
export interface SftpAccess {
  readonly knownHostsFile: string;
  /** The password or passphrase, by the question to ask for it; null: none to be had. */
  secret(question: string): Promise<Secret | null>;
}

const connectMs = 15_000;

/** @throws AppError `ssh.*`, `storage.unsupported` where the server has no SFTP, `job.cancelled` */
export async function openSftpSession(server: SshTunnel, access: SftpAccess): Promise<SftpSession> {
  // ssh2 is loaded only where it is used: it is large.
  const { openSshConnection } = await import("./ssh-connection.ts");
  const connection = await openSshConnection(await findSshServer(server), {
    known: await loadKnownHosts(access.knownHostsFile),
    secret: (question) => access.secret(question),
    timeoutMs: connectMs,
  });
  try {
    const calls = await connection.openSftp();
    return createSession(calls, connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface Lifeline {
  readonly loss: AppError | null;
  onLoss(listener: (loss: AppError) => void): void;
  close(): void;
}

/** Of a connection that is gone some calls are never answered; here they are. */
export function createSession(calls: SftpCalls, connection: Lifeline): SftpSession {
  const waiting = new Set<(error: unknown) => void>();
  connection.onLoss((loss) => {
    for (const reject of waiting) reject(loss);
  });

  function ask<T>(what: string, call: (done: Done<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = (error: unknown) => {
        waiting.delete(fail);
        reject(sftpError(connection.loss ?? error, what));
      };
      if (connection.loss !== null) return fail(connection.loss);
      waiting.add(fail);
      try {
        call((error, value) => {
          if (error) return fail(error);
          waiting.delete(fail);
          resolve(value);
        });
      } catch (error) {
        fail(error);
      }
    });
  }

  const tell = (what: string, call: (done: Ended) => void) =>
    ask<void>(what, (done) => call((error) => done(error, undefined)));
  const remove = (path: string) => tell(path, (done) => calls.unlink(path, done));
  const rename = (from: string, to: string) => tell(to, (done) => calls.rename(from, to, done));
  return {
    open: (path, how) => {
      const mode = how === "read" ? "r" : "wx";
      return ask(path, (done) => calls.open(path, mode, { mode: 0o600 }, done));
    },
    close: (handle) => tell("a file", (done) => calls.close(handle, done)),
    async read(handle, offset, length) {
      const bytes = Buffer.allocUnsafeSlow(Math.min(length, sftpPieceBytes));
      const count = await ask<number>("a file", (done) => calls.read(handle, bytes, 0, bytes.length, offset, done));
      return bytes.subarray(0, count);
    },
    write(handle, bytes, offset) {
      const { buffer, byteOffset, length } = bytes;
      const piece = Buffer.from(buffer, byteOffset, length);
      return tell("a file", (done) => calls.write(handle, piece, 0, length, offset, done));
    },
    sync: (handle) =>
      tell("a file", (done) => calls.ext_openssh_fsync(handle, done)).catch((error: unknown) => {
        if (!isUnsupported(error)) throw error;
      }),
    statHandle: async (handle) => describeFile(await ask("a file", (done) => calls.fstat(handle, done))),
    stat: async (path) => describeFile(await ask(path, (done) => calls.stat(path, done))),
    async *entries(folder) {
      const handle = await ask<Buffer>(folder, (done) => calls.opendir(folder, done));
      try {
        for (;;) {
          // oxlint-disable-next-line no-await-in-loop -- each goes on where the one before ended
          const page = await ask<{ filename: string; attrs: Attributes }[] | null>(folder, (done) =>
            calls.readdir(handle, (error, list) => (isEnd(error) ? done(null, null) : done(error, list))),
          );
          if (page === null) return;
          for (const { filename, attrs } of page)
            if (filename !== "." && filename !== "..") yield { name: filename, file: describeFile(attrs) };
        }
      } finally {
        await tell(folder, (done) => calls.close(handle, done)).catch(() => {});
      }
    },
    makeFolder: (path) => tell(path, (done) => calls.mkdir(path, { mode: 0o700 }, done)),
    removeFolder: (path) => tell(path, (done) => calls.rmdir(path, done)),
    remove,
    rename,
    async replace(from, to) {
      try {
        await tell(to, (done) => calls.ext_openssh_rename(from, to, done));
      } catch (error) {
        if (!isUnsupported(error)) throw error;
        await remove(to).catch(() => {});
        await rename(from, to);
      }
    },
    async freeBytes(path) {
      const found = await ask<unknown>(path, (done) => calls.ext_openssh_statvfs(path, done)).catch(() => null);
      if (typeof found !== "object" || found === null) return null;
      const count = Number(Reflect.get(found, "f_bavail")) * Number(Reflect.get(found, "f_frsize"));
      return Number.isFinite(count) ? count : null;
    },
    get isLost() {
      return connection.loss !== null;
    },
    end: () => connection.close(),
  };
}

function describeFile(found: Attributes): SftpFile {
  const kind = found.isDirectory() ? "folder" : found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other";
  return { kind, sizeBytes: found.size, modifiedAtMs: found.mtime * 1000 };
}

/** SSH_FX_EOF. */
function isEnd(error: unknown): boolean {
  return codeOf(error) === 1;
}

function isUnsupported(error: unknown): boolean {
  return error instanceof AppError && error.code === "storage.unsupported";
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
}

/** SSH_FX_…: the status codes of version 3. */
function sftpError(error: unknown, what: string): AppError {
  const because = { detail: error instanceof Error ? error.message : String(error), cause: error };
  if (error instanceof AppError)
    return error.code === "ssh.lost" ? new AppError("storage.unreachable", error.message, because) : error;
  switch (codeOf(error)) {
    case 2:
      return new AppError("storage.notFound", `There is no ${what}.`, because);
    case 3:
      return new AppError("storage.permissionDenied", `This user may not use ${what}.`, because);
    case 6:
    case 7:
      return new AppError("storage.unreachable", "The connection to the SFTP server was lost.", because);
    case 8:
      return new AppError("storage.unsupported", `The SFTP server cannot do that to ${what}.`, because);
    default:
      // ssh2's own words, without a code.
      if (/not support this extended/i.test(because.detail))
        return new AppError("storage.unsupported", "The SFTP server does not have this extension.", because);
      if (/no response from server/i.test(because.detail))
        return new AppError("storage.unreachable", "The connection to the SFTP server was lost.", because);
      return new AppError("storage.failed", `The SFTP server could not do it: ${what}.`, because);
  }
}
