import { scrypt } from "node:crypto";
import type { Secret } from "../secrets/secret.ts";

/** age's own default work: about a second, and 256 MB of memory while it lasts. */
export const scryptLogN = 18;

const label = "age-encryption.org/v1/scrypt";

/**
 * The key that a passphrase stanza is wrapped with (C2SP age.md, "The scrypt recipient type"). Node's own scrypt, off the
 * main thread; the package's is JavaScript and would hold everything up for seconds.
 */
export function deriveScryptKey(passphrase: Secret, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const N = 2 ** logN;
  const r = 8;
  return new Promise((resolve, reject) => {
    const whole = Buffer.concat([Buffer.from(label), salt]);
    scrypt(passphrase.reveal(), whole, 32, { N, r, p: 1, maxmem: 128 * N * r * 2 }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
