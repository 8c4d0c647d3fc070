import type { KeyView } from "../../../shared/contract/storage-views.ts";

/** Whether a key is an SSH key: its owner has the private key's file, and Lifeboat makes no kit of it. */
export function isSshKey({ recipient }: Pick<KeyView, "recipient">): boolean {
  return recipient.startsWith("ssh-");
}

/** Whether a chosen file may open without a passphrase. Whether an SSH private key is under one, its reader tells. */
export function needsNoPassphrase(text: string): boolean {
  return /^-----BEGIN (?:\w+ )?PRIVATE KEY-----/m.test(text);
}

/** The SSH public key in a `.pub` file; null where it is another file. */
export function publicKeyIn(text: string): { readonly line: string; readonly comment: string } | null {
  const [line, comment = ""] = /^(?:ssh-ed25519|ssh-rsa) [A-Za-z0-9+/=]+(?: +(\S+))?$/.exec(text.trim()) ?? [];
  return line === undefined ? null : { line, comment };
}
