import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { KeyStore } from "../../encryption/key-store.ts";
import type { KnownKey } from "../../encryption/known-keys.ts";
import { isSshRecipient } from "../../encryption/ssh-recipient.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";
import { addPassphraseOption, givenPassphrase, newPassphrase } from "../passphrase.ts";

interface ExportOptions {
  readonly kit?: string;
  readonly yes?: boolean;
  readonly passphraseStdin?: boolean;
}

interface ImportOptions {
  readonly name?: string;
  readonly passphraseStdin?: boolean;
}

/** `lifeboat key`: list, new, show, export, try, import. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "Keys that encrypt backups: Lifeboat's own (age, X25519), and SSH keys. The secret half stays in the system's keychain;\nits recovery kit opens the backups when this machine is gone. Of an SSH key, the private key's file is that kit.",
    )
    .addHelpText("after", examples)
    .action(() => listKeys(cli));
  addOutputOptions(command.command("list"))
    .summary("the keys that are known here")
    .action(() => listKeys(cli));
  addOutputOptions(command.command("new"))
    .summary("make a key")
    .description("Makes a key and keeps its secret half in the system's keychain.")
    .option("--name <name>", "what to call it", "backups")
    .action((options: { name: string }) => newKey(options.name, cli));
  addOutputOptions(command.command("add"))
    .summary("take in an SSH public key to encrypt for")
    .description(
      "Takes in a public half, of an SSH key (ssh-ed25519, ssh-rsa) or an age key, to encrypt backups for. Lifeboat keeps nothing secret of it: who has the private key opens them. Until that was tried once, with lifeboat key try, no database counts as protected by it.",
    )
    .argument("<key>", "a .pub file, its line, or age1…")
    .option("--name <name>", "what to call it", "ssh")
    .action((text: string, options: { name: string }) => addKey(text, options.name, cli));
  addOutputOptions(command.command("show"))
    .summary("what is known of a key")
    .description("Shows a key's public recipient, and whether its recovery kit was tried. Nothing secret.")
    .argument("[name]", "its name or recipient; may be left out where there is one key")
    .action((name: string | undefined) => showKey(name, cli));
  addPassphraseOption(addOutputOptions(command.command("export")))
    .summary("write its recovery kit, or print the secret key")
    .description(
      "With --kit: writes the recovery kit, a text file and a page to print beside it. Without: prints the secret key itself.",
    )
    .argument("[name]", "the key's name or recipient; may be left out where there is one key")
    .option("--kit <file>", "the recovery kit's file, which must not exist yet; the page gets .html added")
    .option("--yes", "print the secret key without asking")
    .action((name: string | undefined, options: ExportOptions) => exportKey(name, options, cli));
  addPassphraseOption(addOutputOptions(command.command("passphrase")))
    .summary("keep the passphrase of backup --passphrase")
    .description(
      "Keeps the passphrase of backups made with --passphrase in the system's keychain, so that scheduled ones need nobody to type it. Write it down elsewhere too: whoever knows it opens the backups, and nobody else does. There is no recovery kit of it.",
    )
    .option("--forget", "remove it from the keychain; backups made with it stay as they are")
    .action((options: { forget?: boolean; passphraseStdin?: boolean }) => keepPassphrase(options, cli));
  addPassphraseOption(addOutputOptions(command.command("try")))
    .summary("open a recovery kit, or an SSH private key")
    .description(
      "Opens a recovery kit, or an SSH private key, with its passphrase and without the keychain. Until then a key is not recoverable. Of an SSH key, try the copy that is kept away from this machine.",
    )
    .argument("<file>", "the kit (its text file, or its page), or an SSH private key")
    .action((file: string, options: { passphraseStdin?: boolean }) => tryKey(file, options, cli));
  addPassphraseOption(addOutputOptions(command.command("import")))
    .summary("take a key in from its recovery kit")
    .description(
      "Takes a key from its recovery kit, from a file of age-keygen, or an SSH private key into this machine's keychain, which then opens its backups unasked.",
    )
    .argument("<file>", "the kit, a file with an AGE-SECRET-KEY line, or an SSH private key")
    .option("--name <name>", "what to call it", "backups")
    .action((file: string, options: ImportOptions) => importKey(file, options, cli));
}

const examples = `
Examples:
  lifeboat key new --name shop
  lifeboat key export shop --kit /media/stick/shop-recovery-kit.txt
  lifeboat key try /media/stick/shop-recovery-kit.txt
  lifeboat backup --profile shop --recipient shop
  lifeboat key add ~/.ssh/id_ed25519.pub --name laptop
  lifeboat key try /media/stick/id_ed25519`;

async function keyStore(cli: Cli): Promise<KeyStore> {
  const { openKeyStore } = await import("../../encryption/key-store.ts");
  return openKeyStore(cli.home);
}

async function listKeys(cli: Cli): Promise<void> {
  const keys = await (await keyStore(cli)).list();
  cli.out.document(keys);
  if (keys.length === 0) cli.out.line("No keys yet. Make one with: lifeboat key new");
  else
    cli.out.table(
      ["name", "recipient", "made", "recovery kit"].map((title) => ({ title })),
      keys.map((key) => [
        key.name,
        key.recipient,
        key.createdAt.slice(0, 10),
        key.kitTriedAt === null
          ? { text: "not tried", style: "warn" }
          : { text: `tried ${key.kitTriedAt.slice(0, 10)}`, style: "good" },
      ]),
    );
}

async function keepPassphrase(options: { forget?: boolean; passphraseStdin?: boolean }, cli: Cli): Promise<void> {
  const { backupPassphraseAccount } = await import("../../encryption/backup-passphrase.ts");
  const { createKeychainStore } = await import("../../secrets/keychain.ts");
  const account = backupPassphraseAccount(cli.home);
  if (options.forget) {
    const wasKept = await createKeychainStore().remove(account);
    cli.out.document({ kept: false });
    return cli.out.line(wasKept ? "The passphrase is forgotten here." : "There was none.");
  }
  await createKeychainStore().write(account, await newPassphrase(cli, options, "the backups"));
  cli.out.document({ kept: true });
  cli.out.line("Kept in the keychain. Write it down elsewhere too: without it nobody opens the backups.");
}

async function newKey(name: string, cli: Cli): Promise<void> {
  const key = await (await keyStore(cli)).create(name).catch(explainKeychain);
  cli.out.document(key);
  cli.out.line(`Made the key ${key.name}: ${key.recipient}`);
  cli.out.note(`Write its recovery kit now, and try it: lifeboat key export ${key.name} --kit FILE`);
}

/** Without a keychain there is no place for a key on this machine, but backups need the public recipient alone. */
function explainKeychain(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "secrets.unavailable") throw error;
  throw new AppError("secrets.unavailable", `${error.message} No key was kept.`, {
    detail: error.detail,
    hint: "Make the key on a machine with a keychain. To encrypt, this one needs its recipient only: --recipient age1…",
    cause: error,
  });
}

async function addKey(text: string, name: string, cli: Cli): Promise<void> {
  const { findRecipients } = await import("../../encryption/recipient-text.ts");
  const [recipient, ...others] = await findRecipients(text);
  if (recipient === undefined || others.length > 0)
    throw new AppError("encryption.badRecipient", "The file holds several keys; a name is for one.", {
      hint: "Name one line of it, or use the file as it is: lifeboat backup --recipient FILE",
    });
  const key = await (await keyStore(cli)).add(recipient, name);
  cli.out.document(key);
  cli.out.line(`Backups can be encrypted for ${key.name}: ${key.recipient}`);
  cli.out.note(
    "Lifeboat holds nothing that opens them. Keep a copy of the private key away from this machine, and try it once: lifeboat key try FILE",
  );
}

async function showKey(name: string | undefined, cli: Cli): Promise<void> {
  const store = await keyStore(cli);
  const key = await store.find(name ?? null);
  const inKeychain = await store.identityOf(key).then(
    (identity) => identity !== null,
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      cli.out.note(error.message);
      return null;
    },
  );
  cli.out.document({ ...key, inKeychain });
  cli.out.line(key.name);
  cli.out.line(`  Recipient      ${key.recipient}`);
  cli.out.line(`  Made           ${key.createdAt}`);
  cli.out.line(`  In keychain    ${inKeychain === null ? "unknown" : inKeychain ? "yes" : "no"}`);
  const kit = isSshRecipient(key.recipient) ? "Private key " : "Recovery kit";
  cli.out.line(`  ${kit}   ${key.kitTriedAt === null ? notTried : `tried ${key.kitTriedAt}`}`);
}

const notTried = "not tried: the key does not count as recoverable (lifeboat key try FILE)";

async function exportKey(name: string | undefined, options: ExportOptions, cli: Cli): Promise<void> {
  const store = await keyStore(cli);
  const key = await store.find(name ?? null);
  const { createRecoveryKit, refuseSshKit } = await import("../../encryption/recovery-kit.ts");
  refuseSshKit(key);
  const identity = await store.identityOf(key);
  if (identity === null)
    throw new AppError("encryption.keyNotFound", `The keychain does not hold the key ${key.name} any more.`, {
      hint: "Take it in again from its recovery kit: lifeboat key import FILE",
    });
  if (options.kit === undefined) return printIdentity(key, identity, options, cli);
  const { saveKit } = await import("../../encryption/save-kit.ts");
  const kit = await createRecoveryKit(key, identity, await newPassphrase(cli, options));
  const { text, page } = await saveKit(kit, resolve(options.kit));
  cli.out.document({ ...key, kit: text, page });
  cli.out.line(`Recovery kit   ${visibleText(text)}`);
  cli.out.line(`To print       ${visibleText(page)}`);
  cli.out.note(`Try it once, then keep it away from this machine: lifeboat key try ${visibleText(options.kit)}`);
}

async function printIdentity(key: KnownKey, identity: Secret, options: ExportOptions, cli: Cli): Promise<void> {
  if (!options.yes) {
    const question = `This prints the secret key, which opens every backup of ${key.name}. Type its name to go on:`;
    if ((await cli.ask(question, { secret: false }))?.trim() !== key.name)
      throw new AppError("encryption.confirmationNeeded", "This prints the secret key, and was not confirmed.");
  }
  const { writeIdentityText } = await import("../../encryption/identity-text.ts");
  const text = (await writeIdentityText(identity, key.createdAt)).reveal();
  cli.out.document({ ...key, identity: identity.reveal() });
  cli.out.line(text.trimEnd());
}

async function tryKey(file: string, options: { passphraseStdin?: boolean }, cli: Cli): Promise<void> {
  const { tryKit } = await import("../../encryption/recovery-kit.ts");
  const store = await keyStore(cli);
  const known = new Set((await store.list()).map((key) => key.recipient));
  const { recipient } = await tryKit(
    await loadFile(file),
    () => givenPassphrase(cli, options, `Passphrase of ${visibleText(file)}:`),
    (found) => known.has(found),
  );
  const key = await store.markKitTried(recipient);
  cli.out.document(key);
  cli.out.line(`The file opens what is encrypted for ${key.name}. The key is recoverable.`);
}

async function importKey(file: string, options: ImportOptions, cli: Cli): Promise<void> {
  const { tryKit } = await import("../../encryption/recovery-kit.ts");
  const { identity, recipient } = await tryKit(await loadFile(file), () =>
    givenPassphrase(cli, options, `Passphrase of ${visibleText(file)}:`),
  );
  const store = await keyStore(cli);
  const adopted = await store.adopt(identity, options.name ?? "backups").catch(explainKeychain);
  // What brought an SSH key here is the very file that stands for its kit.
  const key = isSshRecipient(recipient) ? await store.markKitTried(recipient) : adopted;
  cli.out.document(key);
  cli.out.line(`The key ${key.name} is in the keychain: ${key.recipient}`);
}

async function loadFile(file: string): Promise<Uint8Array> {
  const { storageError } = await import("../../storage/storage-error.ts");
  return readFile(file).catch((error: unknown) => Promise.reject(storageError(error, file)));
}
