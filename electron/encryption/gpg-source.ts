import { MAX_UNPACKED_BYTES, MAX_UNPACKED_RATIO } from "../../shared/archive/limits.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { ByteSource } from "../archives/byte-source.ts";
import { streamSource } from "../archives/open-source.ts";
import { openUnpacked } from "../archives/unpacked-file.ts";
import type { Secret } from "../secrets/secret.ts";
import { type GpgProgram, locateGpg } from "../tools/locate-gpg.ts";
import { runFilter } from "../tools/run-fed-tool.ts";
import { judgeDecryption } from "./gpg-status.ts";

/** What decrypting with the user's gpg may need. */
export interface GpgAccess {
  readonly env: NodeJS.ProcessEnv;
  /** A passphrase that is known without asking; null: none is. */
  kept(): Promise<Secret | null>;
  /** Asks for one; null where there is nobody to ask. */
  ask(question: string): Promise<Secret | null>;
}

/**
 * On Windows gpg takes no descriptor of ours, so there the agent asks in its own window. Elsewhere nothing pops up: what the
 * agent remembers counts, and else Lifeboat asks itself, where it asks for everything.
 */
const agentAsks = process.platform === "win32";

/**
 * The plain bytes of an OpenPGP message, decrypted by the user's gpg with their keyring and agent. gpg decrypts from the
 * beginning alone, so all of it is decrypted once into a private file of this disk, and given out only when gpg has said
 * that it is whole. Signatures in it are not looked at. Belongs to the result from then on: closing it closes the source.
 * @throws tool.missing, archive.keyMissing, encryption.passphraseMissing, encryption.wrongPassphrase, archive.damaged,
 *   archive.limitExceeded, storage.*
 */
export async function openGpgSource(stored: ByteSource, access: GpgAccess): Promise<ByteSource> {
  const gpg = await locateGpg(access.env);
  const kept = agentAsks ? null : await access.kept();
  let plain = await tryToOpen(gpg, stored, kept);
  if (plain === "locked" || (plain instanceof AppError && plain.code === "encryption.wrongPassphrase")) {
    const typed = await access.ask("Passphrase for gpg:");
    if (typed !== null) plain = await tryToOpen(gpg, stored, typed);
  }
  if (plain === "locked")
    throw new AppError("encryption.passphraseMissing", "gpg needs a passphrase to open this file.", {
      hint: "Type it when asked, set LIFEBOAT_PASSPHRASE, or unlock the key in your agent first: gpg --decrypt FILE >/dev/null",
    });
  if (plain instanceof AppError) throw plain;
  await stored.close();
  return plain;
}

/** The opened file, or what gpg had against it. */
async function tryToOpen(
  gpg: GpgProgram,
  stored: ByteSource,
  passphrase: Secret | null,
): Promise<ByteSource | "locked" | AppError> {
  const verdict: { value: "locked" | AppError | null } = { value: null };
  try {
    return await openUnpacked(stored.sizeBytes, async (write) => {
      const decrypted = await decrypt(gpg, stored, passphrase, write);
      if (decrypted === "whole") return;
      verdict.value = decrypted;
      // Nothing of what came before is to be left.
      throw new AppError("archive.damaged", "gpg did not decrypt the file.");
    });
  } catch (error) {
    if (verdict.value === null) throw error;
    return verdict.value;
  }
}

async function decrypt(
  gpg: GpgProgram,
  stored: ByteSource,
  passphrase: Secret | null,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<ReturnType<typeof judgeDecryption>> {
  const asking =
    passphrase !== null
      ? ["--pinentry-mode", "loopback", "--passphrase-fd", "3"]
      : ["--pinentry-mode", agentAsks ? "ask" : "error"];
  let given = 0;
  const exit = await runFilter(
    {
      path: gpg.path,
      args: [
        "--batch",
        "--no-tty",
        "--status-fd",
        "2",
        "--no-auto-key-retrieve",
        "--skip-verify",
        ...asking,
        "--decrypt",
      ],
      env: gpg.env,
      ...(passphrase === null ? {} : { secret: passphrase }),
      phase: "local",
    },
    streamSource(stored),
    async (bytes) => {
      given += bytes.length;
      if (given > MAX_UNPACKED_BYTES && given > stored.sizeBytes * MAX_UNPACKED_RATIO)
        throw new AppError("archive.limitExceeded", "The gpg file unpacks to more than any dump does.");
      await write(bytes);
    },
  );
  if (exit.outcome !== "exited" || exit.exitCode === null) throw failureOf("gpg", exit, "local");
  return judgeDecryption(exit.exitCode, exit.stderr);
}
