import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import type { SshTunnel } from "../../shared/profile/profile.ts";
import type { SftpSettings } from "../../shared/storage/settings.ts";
import { openSftpSession, type SftpAccess, type SftpSession } from "../ssh/sftp-session.ts";
import { unlessAborted } from "./sftp-transfer.ts";

/** A session that is made when it is first needed, and anew when it was lost. */
export interface SftpLink {
  /** @throws storage.unreachable, storage.unsupported, `ssh.*`, the signal's reason */
  session(signal: AbortSignal | undefined): Promise<SftpSession>;
  /** Does work that may be done twice: once more with a new connection where the first is lost. */
  use<T>(signal: AbortSignal | undefined, work: (session: SftpSession) => Promise<T>): Promise<T>;
  /** Tidies up if that can be done soon; never fails. */
  tidy(work: (session: SftpSession) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

const attempts = 4;
const firstPauseMs = 250;
const tidyMs = 5000;

/** For callers it is a storage that is not reached, whichever way leads there. */
const unreachedCodes: readonly ErrorCode[] = ["ssh.unreachable", "ssh.hostNotFound", "ssh.lost", "ssh.failed"];

/** The SSH server of a storage, in the fields that logging in needs. */
export function sshServerOf({ host, port, user, keyFile, authentication }: SftpSettings): SshTunnel {
  return { host, port, user, keyFile, authentication: authentication ?? (keyFile === null ? "agent" : "key") };
}

export function createSftpLink(settings: SftpSettings, access: SftpAccess): SftpLink {
  let opening: Promise<SftpSession> | null = null;

  async function session(signal: AbortSignal | undefined): Promise<SftpSession> {
    for (;;) {
      // One for all who ask: several may have met the loss of the last one together.
      const attempt = opening ?? openSftpSession(sshServerOf(settings), access);
      opening = attempt;
      const forget = () => {
        if (opening === attempt) opening = null;
      };
      attempt.catch(forget);
      try {
        // oxlint-disable-next-line no-await-in-loop -- again only where it was lost meanwhile
        const current = await unlessAborted(attempt, signal);
        if (!current.isLost) return current;
      } catch (error) {
        signal?.throwIfAborted();
        throw asStorageError(error);
      }
      forget();
    }
  }

  async function use<T>(signal: AbortSignal | undefined, work: (session: SftpSession) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- again only where the connection was lost
        return await unlessAborted(work(await session(signal)), signal);
      } catch (error) {
        if (attempt === attempts || !(error instanceof AppError) || error.code !== "storage.unreachable") throw error;
      }
      // oxlint-disable-next-line no-await-in-loop -- a pause before the next try
      await sleep(firstPauseMs * 2 ** (attempt - 1), undefined, signal === undefined ? {} : { signal });
    }
  }

  return {
    session,
    use,
    async tidy(work) {
      const signal = AbortSignal.timeout(tidyMs);
      await unlessAborted(session(signal).then(work), signal).catch(() => {});
    },
    async close() {
      const current = await opening?.catch(() => null);
      opening = null;
      current?.end();
    },
  };
}

function asStorageError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.code === "ssh.hostKeyUnknown")
    return new AppError(error.code, error.message, {
      detail: error.detail,
      hint: "Compare the fingerprint with the one the server's keeper tells you. If it is the same, trust it: lifeboat storages trust LOCATION",
      cause: error,
    });
  if (!unreachedCodes.includes(error.code)) return error;
  return new AppError("storage.unreachable", error.message, { detail: error.detail, cause: error });
}
