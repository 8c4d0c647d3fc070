import { createHmac, timingSafeEqual } from "node:crypto";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { ManifestStanding } from "../../shared/contract/manifest-standing.ts";
import { AppError } from "../../shared/error/app-error.ts";

/** The keys that prove who wrote a manifest; a KeyRing has them. */
export interface ProofKeys {
  /** The proof key of the identity behind a recipient; null where this machine does not hold that identity. */
  proofKeyOf(recipient: string): Promise<Uint8Array | null>;
}

/**
 * The bytes that a proof is of: the manifest as JSON without its proof, the names of every object sorted, no space
 * between, UTF-8. All of it counts, also what a newer Lifeboat put in.
 */
export function canonicalBytes(manifest: Readonly<Record<string, unknown>>): Buffer {
  const { proof: _proof, ...rest } = manifest;
  return Buffer.from(JSON.stringify(sorted(rest)), "utf8");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map(([name, inner]) => [name, sorted(inner)]));
}

/** The manifest with the proof that somebody wrote it who holds this key. It may not be changed any more. */
export function signManifest(manifest: Manifest, key: Uint8Array, recipient: string): Manifest {
  return signRecord(manifest, key, recipient);
}

/** The same for another record of a backup; what kind it is stands in it, so that none is taken for another. */
export function signRecord<Value extends Readonly<Record<string, unknown>>>(
  value: Value,
  key: Uint8Array,
  recipient: string,
): Value & Required<Pick<Manifest, "proof">> {
  return { ...value, proof: { method: "hmac-sha256", key: recipient, mac: macOf(value, key).toString("hex") } };
}

/**
 * Whether a manifest is as its writer left it.
 * @param value the manifest as it was parsed from JSON, before anything was left out of it
 * @param keys left out: a proof is not checked
 */
export async function judgeManifest(value: unknown, keys: ProofKeys | undefined): Promise<ManifestStanding> {
  if (typeof value !== "object" || value === null || !("proof" in value)) return "unproved";
  const { proof } = value;
  if (typeof proof !== "object" || proof === null || !("key" in proof) || !("mac" in proof)) return "changed";
  if (typeof proof.key !== "string" || typeof proof.mac !== "string") return "changed";
  // A keychain that cannot be read is told where it is needed to open something.
  const key = await keys?.proofKeyOf(proof.key).catch(() => null);
  if (!key) return "unchecked";
  const given = Buffer.from(proof.mac, "hex");
  const right = macOf({ ...value }, key);
  return given.length === right.length && timingSafeEqual(given, right) ? "proved" : "changed";
}

/** A manifest that is damaged or not there can be done without; one that was changed on purpose cannot. */
export function unlessManifestChanged(error: unknown): null {
  if (error instanceof AppError && error.code === "backup.manifestChanged") throw error;
  return null;
}

function macOf(manifest: Readonly<Record<string, unknown>>, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update(canonicalBytes(manifest)).digest();
}
