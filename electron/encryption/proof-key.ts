import { hkdfSync } from "node:crypto";
import type { Secret } from "../secrets/secret.ts";
import { isSshIdentity, sshIdentityBytes } from "./ssh-identity.ts";

/** Another one would be another kind of proof. */
const info = "lifeboat/manifest-proof/v1";

/**
 * The key that proves manifests, of an age identity: HKDF-SHA-256 over its text `AGE-SECRET-KEY-1…`, or of an SSH
 * key over its PKCS #8 DER, without salt. It says nothing of the identity, and age itself derives no key by this name.
 */
export function deriveProofKey(identity: Secret): Uint8Array {
  const material = isSshIdentity(identity) ? sshIdentityBytes(identity) : identity.reveal().trim().toUpperCase();
  return new Uint8Array(hkdfSync("sha256", material, "", info, 32));
}
