import { AppError } from "../../shared/error/app-error.ts";

/**
 * What gpg says for programs to read, with --status-fd (GnuPG, doc/DETAILS): lines such as
 * `[GNUPG:] ERROR pkdecrypt_failed 67108875`, `[GNUPG:] DECRYPTION_OKAY`, `[GNUPG:] NO_SECKEY CB1C83E13A188E8C`
 * (gpg 2.2.40).
 */
export interface GpgStatus {
  has(keyword: string): boolean;
  /** What stands behind a keyword, for each line of it. */
  all(keyword: string): readonly string[];
}

const mark = "[GNUPG:] ";

/** @param stderr where the status lines stand among what gpg tells people */
export function readGpgStatus(stderr: string): GpgStatus {
  const lines = stderr
    .split("\n")
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length).trim());
  const of = (keyword: string): string[] =>
    lines.filter((line) => `${line} `.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1));
  return { has: (keyword) => of(keyword).length > 0, all: of };
}

/** How a decryption went. `locked`: a passphrase is needed, and none was given. */
export type Decryption = "whole" | "locked" | AppError;

/** The system-independent half of libgpg-error's numbers (err-codes.h.in). */
const badPassphrase = 11;
const noPinentry = 85;
const cancelled = 99;

/**
 * Reads what gpg said of a decryption. Its bytes are worth something only where this gives `whole`: it hands them out
 * before it has seen whether they are proved.
 */
export function judgeDecryption(exitCode: number | null, stderr: string): Decryption {
  const status = readGpgStatus(stderr);
  const isProved = status.has("DECRYPTION_OKAY") && status.has("GOODMDC") && !status.has("BADMDC");
  if (exitCode === 0 && isProved && !status.has("DECRYPTION_FAILED")) return "whole";
  const detail = wordsOf(stderr);
  if (!status.has("BEGIN_DECRYPTION") && status.has("PLAINTEXT"))
    return new AppError("archive.unsupportedFormat", "The file is signed with gpg, but not encrypted.", {
      detail,
      hint: "Take what is in it out with: gpg --output FILE.dump --decrypt FILE",
    });
  // A message can be for several keys, of which one that opens it is enough.
  const errors = new Set(status.all("ERROR").map((text) => Number(/ (\d+)/.exec(text)?.[1] ?? 0) & 0xffff));
  if (!status.has("PLAINTEXT")) {
    if (errors.has(badPassphrase) || /decryption failed: Bad (?:session key|passphrase)/.test(stderr))
      return new AppError("encryption.wrongPassphrase", "The passphrase is not the one of this gpg file or key.", {
        detail,
        hint: "Enter the passphrase again.",
      });
    if (errors.has(noPinentry) || errors.has(cancelled)) return "locked";
    const keys = status.all("NO_SECKEY");
    if (keys.length > 0 && !status.has("DECRYPTION_KEY") && errors.size === 0)
      return new AppError("archive.keyMissing", "gpg has no secret key that opens this file.", {
        detail: `It is encrypted for: ${keys.join(", ")}`,
        hint: "Bring the key into your keyring with gpg --import, or name the keyring's folder with GNUPGHOME.",
      });
  }
  if (status.all("DECRYPTION_INFO").some((info) => /^0 \d+(?: 0)?$/.test(info)))
    return new AppError(
      "archive.damaged",
      "The file is encrypted without protection against changes, so nobody can tell whether it is whole.",
      { detail, hint: "If you trust it all the same, decrypt it yourself: gpg --ignore-mdc-error" },
    );
  return new AppError("archive.damaged", "gpg could not decrypt the file: it was changed, damaged or cut.", { detail });
}

/** What gpg says to people, without what is for programs. */
export function wordsOf(stderr: string): string | undefined {
  const words = stderr.split("\n").filter((line) => line !== "" && !line.startsWith(mark));
  return words.length === 0 ? undefined : words.join("\n");
}
