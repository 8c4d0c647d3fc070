import { randomBytes } from "node:crypto";

/** The name of a file that is being written: no other program's, and none that two writers would share. */
const UNFINISHED = /\.[a-p]{16}\.partial$/;

export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name);
}

/** The path under which a file is written until it is whole. */
export function unfinishedNameOf(path: string): string {
  const letters = Array.from(randomBytes(16), (byte) => String.fromCharCode(97 + (byte & 15))).join("");
  return `${path}.${letters}.partial`;
}
