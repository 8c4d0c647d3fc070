import { AppError } from "../../shared/error/app-error.ts";
import { locateGpg } from "../tools/locate-gpg.ts";
import { runTool } from "../tools/run-tool.ts";
import { wordsOf } from "./gpg-status.ts";

/** A public key of the user's keyring. */
interface PublicKey {
  readonly fingerprint: string;
  /** As gpg judges it: `u`, `f`, `m` are enough to encrypt for it unasked (doc/DETAILS, field 2). */
  readonly validity: string;
  readonly encrypts: boolean;
  readonly names: readonly string[];
}

const trusted = new Set(["u", "f", "m"]);

/**
 * The fingerprint of the one key that somebody means: a name, a mail address, a key ID or a fingerprint. Everything is run by
 * fingerprints from then on, so that another key of that name is never taken.
 * @throws tool.missing; encryption.badRecipient where there is none or several, where it cannot encrypt, and where gpg does
 *   not know whose it is and it was not named by its whole fingerprint
 */
export async function resolveGpgRecipient(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const gpg = await locateGpg(env);
  const lines: string[] = [];
  const run = runTool({
    path: gpg.path,
    args: ["--batch", "--no-tty", "--with-colons", "--fixed-list-mode", "--list-keys", "--", text],
    env: gpg.env,
    stdout: (line) => void lines.push(line),
    limitMs: 60_000,
    phase: "local",
  });
  const { stderr } = await run.exit;
  const keys = parseKeys(lines);
  const shown = JSON.stringify(text.slice(0, 100));
  const [key, ...others] = keys;
  if (key === undefined)
    throw new AppError("encryption.badRecipient", `gpg knows no public key of ${shown}.`, {
      detail: wordsOf(stderr),
      hint: "List the keys with gpg --list-keys, or bring one in with gpg --import FILE.",
    });
  if (others.length > 0)
    throw new AppError("encryption.badRecipient", `gpg knows ${keys.length} public keys of ${shown}.`, {
      detail: keys.map(({ fingerprint, names }) => `${fingerprint} ${names[0] ?? ""}`.trimEnd()).join("\n"),
      hint: "Name one of them by its fingerprint.",
    });
  if (!key.encrypts)
    throw new AppError("encryption.badRecipient", `Nobody can encrypt for the key of ${shown}.`, {
      detail: key.fingerprint,
      hint: "It is expired, revoked or disabled, or it only signs.",
    });
  if (!trusted.has(key.validity) && text.replaceAll(/\s|^0x/gi, "").toUpperCase() !== key.fingerprint)
    throw new AppError("encryption.badRecipient", `gpg does not know whether the key really is that of ${shown}.`, {
      detail: `${key.fingerprint} ${key.names[0] ?? ""}`.trimEnd(),
      hint: `Compare its fingerprint with its owner, then name the key by it: --gpg ${key.fingerprint}`,
    });
  return key.fingerprint;
}

/**
 * Lines as `pub:u:255:22:11833CCB9E85F612:1795910203:::u:::scaESCA:::::ed25519:::0:`,
 * `fpr:::::::::21095CD189A9FCC620A79B7211833CCB9E85F612:`, `uid:u::::…::Open Key <open@example.org>::…` (gpg 2.2.40).
 */
function parseKeys(lines: readonly string[]): PublicKey[] {
  const keys: { -readonly [K in keyof PublicKey]: PublicKey[K] }[] = [];
  for (const line of lines) {
    const fields = line.split(":");
    const [kind, validity = "", , , , , , , , value = "", , capabilities = ""] = fields;
    const key = keys.at(-1);
    if (kind === "pub")
      // Capitals: of the key as a whole, with what is usable of its subkeys. D: disabled.
      keys.push({
        fingerprint: "",
        validity,
        encrypts: capabilities.includes("E") && !capabilities.includes("D"),
        names: [],
      });
    else if (kind === "fpr" && key?.fingerprint === "") key.fingerprint = value;
    else if (kind === "uid" && key !== undefined) key.names = [...key.names, value];
  }
  return keys;
}
