/**
 * What is known of who wrote a manifest. `proved`: somebody who holds the backup's key, and nothing was changed since.
 * `unproved`: it carries no proof, as where only the public recipient was there when it was written, or nothing is
 * encrypted. `unchecked`: it carries one, and the key to check it is not on this machine or was not asked for.
 * `changed`: the proof is wrong; nothing may be done by this manifest.
 */
export type ManifestStanding = "proved" | "unproved" | "unchecked" | "changed";
