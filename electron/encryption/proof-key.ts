import { hkdfSync } from "node:crypto";
import type { Secret } from "../secrets/secret.ts";

/** Another one would be another kind of proof. */
const info = "lifeboat/manifest-proof/v1";

/**
 * The key that proves manifests, of an age identity: HKDF-SHA-256 over its text `AGE-SECRET-KEY-1…`, without salt. It says
 * nothing of the identity, and age itself derives no key by this name.
 */
export function deriveProofKey(identity: Secret): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", identity.reveal().trim().toUpperCase(), "", info, 32));
}
