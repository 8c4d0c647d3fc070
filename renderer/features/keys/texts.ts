import { formatNumberOf } from "../../../shared/text/format.ts";

/** The words of encryption keys and their recovery kits. Names in them are already visible text. */
export const texts = {
  title: "Encryption keys",
  lead: "A backup that is encrypted for a key can be opened with that key alone. Its recovery kit opens it when this machine is gone.",
  loading: "Loading the keys",
  again: "Try again",
  make: "Make a key…",
  take: "Take a key in…",
  emptyTitle: "No keys yet",
  empty: "Make one to encrypt backups, or take one in from its recovery kit to open what another machine made.",
  recipient: "Recipient",
  made: "Made",
  secretHalf: "Secret half",
  keptIn: {
    keychain: "In this machine's keychain",
    memory: "In memory until Lifeboat ends: there is no keychain here",
    nowhere: "Not on this machine: it encrypts, but opens nothing here",
  },
  kit: "Recovery kit",
  kitTried: "Tried",
  kitNotTried: "Not tried yet",
  kitWhy: "Until its recovery kit was made and tried once, no database that is encrypted for it counts as protected.",
  usedBy: (count: number) => `Encrypts backups of ${formatNumberOf(count, "database")}`,
  makeKit: "Make its recovery kit…",
  makeKitAgain: "Make a new kit…",
  tryKit: "Try a kit…",
  copyRecipient: "Copy the recipient",

  sshKit: "Private key",
  sshWhy:
    "An SSH key: Lifeboat has no kit of it, the private key's file is one. Until that was tried once, no database that is encrypted for it counts as protected. Try the copy that you keep away from this machine.",
  sshTry: "Try the private key…",
  sshTryTitle: "Try the private key",
  sshTryText:
    "Choose the private key's file where you keep it away from this machine: when this one is gone, it is what opens the backups. Nothing of it is kept.",
  sshPassphraseHint: "The key's own; empty where it has none.",
  sshTriedTitle: "The private key works",
  chooseSshKey: "Choose the private key's file…",

  makeTitle: "Make a key",
  makeText: "The secret half goes to this machine's keychain. The next step is its recovery kit.",
  makeTextMemory:
    "There is no keychain here: the secret half is kept until Lifeboat ends. The next step is its recovery kit, without which the key would be lost then.",
  name: "Name of the key",
  nameHint: "For example backups, or the database's name",
  makeNow: "Make the key",

  kitTitle: (name: string) => `Recovery kit of ${name}`,
  stepMake: "1. Make it",
  stepTry: "2. Try it",
  kitText:
    "A text file and a page to print, both with the key under a passphrase. Keep them away from this machine and from the backups, and the passphrase somewhere else again.",
  passphrase: "Passphrase",
  passphraseHint: "At least 10 characters: several words that do not belong together.",
  passphraseAgain: "Once more",
  passphraseDiffers: "The two are not the same.",
  folder: "Into which folder",
  folderHint: "A stick that you will put away, for example.",
  chooseFolder: "Choose…",
  writeKit: "Write the kit",
  written: "The kit is written",
  textFile: "Text file",
  page: "Page to print",
  printHint: "Open the page in a browser and print it: it has the key as a code to scan.",
  reveal: "Show in its folder",
  goOn: "Next: try it",
  later: "Later",

  tryTitle: "Try the recovery kit",
  tryText:
    "Choose the kit's file where you keep it, and type its passphrase, as you would on a new machine. Nothing here helps it: not the keychain, not what you typed before.",
  chooseKit: "Choose the kit's file…",
  otherKit: "Choose another file…",
  kitChosen: (name: string) => `Chosen: ${name}`,
  kitTooLarge: "This file is too large to be a recovery kit.",
  tryNow: "Try it",
  triedTitle: "The kit works",
  tried: (name: string) => `It opens what is encrypted for ${name}. The key is recoverable.`,

  takeTitle: "Take a key in",
  takeText:
    "From the recovery kit, its text file or its page, and its passphrase; or an SSH key: the private one goes to this machine's keychain as well, the public one (.pub) is to encrypt for.",
  takeTextMemory:
    "From the recovery kit and its passphrase, or an SSH key. There is no keychain here: the key is kept until Lifeboat ends.",
  chooseKitOrKey: "Choose the kit's or the key's file…",
  takePublic:
    "A public key: backups can be encrypted for it, and only who has the private key opens them. Nothing secret is kept here.",
  takeNow: "Take it in",
  taken: (name: string) => `The key ${name} is here`,
  cancel: "Cancel",
  close: "Close",
} as const;
