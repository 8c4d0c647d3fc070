import { text as readText } from "node:stream/consumers";
import type { Command } from "commander";
import { AppError } from "../../shared/error/app-error.ts";
import { Secret } from "../secrets/secret.ts";
import type { Cli } from "./cli.ts";
import { askForSecret } from "./options.ts";

/** Adds --passphrase-stdin. */
export function addPassphraseOption<C extends Command>(command: C): C {
  return command.option(
    "--passphrase-stdin",
    "read the passphrase from stdin, for scripts (or set LIFEBOAT_PASSPHRASE)",
  );
}

/** A passphrase from stdin where that was asked for, else from LIFEBOAT_PASSPHRASE, else typed; null where nobody types. */
export async function givenPassphrase(
  cli: Cli,
  options: { readonly passphraseStdin?: boolean },
  question: string,
): Promise<Secret | null> {
  return (await unaskedPassphrase(cli, options)) ?? askForSecret(cli, question);
}

/**
 * The same for one that is new: typed twice.
 * @param what it is for: `the recovery kit`
 * Throws encryption.passphraseMissing, encryption.wrongPassphrase.
 */
export async function newPassphrase(
  cli: Cli,
  options: { readonly passphraseStdin?: boolean },
  what = "the recovery kit",
): Promise<Secret> {
  const given = await unaskedPassphrase(cli, options);
  if (given !== null) return given;
  const first = await askForSecret(cli, `A passphrase for ${what} (several words):`);
  if (first === null || first.reveal() === "")
    throw new AppError("encryption.passphraseMissing", `There is no passphrase for ${what}.`);
  const second = await askForSecret(cli, "Once more:");
  if (second?.reveal() === first.reveal()) return first;
  throw new AppError("encryption.wrongPassphrase", "The two were not the same.", { hint: "Begin again." });
}

async function unaskedPassphrase(
  { env }: Cli,
  { passphraseStdin }: { readonly passphraseStdin?: boolean },
): Promise<Secret | null> {
  if (passphraseStdin) {
    const text = (await readText(process.stdin)).replace(/\r?\n$/, "");
    if (text === "")
      throw new AppError("usage.invalid", "--passphrase-stdin was given, and stdin holds no passphrase.");
    return new Secret(text);
  }
  const text = env["LIFEBOAT_PASSPHRASE"];
  return text === undefined || text === "" ? null : new Secret(text);
}
