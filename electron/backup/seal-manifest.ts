import type { Manifest } from "../../shared/contract/manifest.ts";
import { openKeyStore } from "../encryption/key-store.ts";
import { deriveProofKey } from "../encryption/proof-key.ts";
import type { Home } from "../home.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { findNewestBackup } from "../storage/backup-folder.ts";
import { signManifest } from "../storage/manifest-proof.ts";
import type { BackupRequest } from "./backup-request.ts";

/** What a manifest gets last of all. */
export interface ManifestSeal {
  /** The newest backup of the same database of the same server; null: there is none; undefined: not looked for. */
  readonly previousId: string | null | undefined;
  /** Proves the manifest, where this machine holds a key of the backup. */
  sign(manifest: Manifest): Manifest;
}

/**
 * Looks for the backup before, in the first folder that the backup goes to, and for a key to prove the new one by.
 * @param secrets left out: the keychain. One that cannot be read, or does not hold the key, means a manifest without proof
 */
export async function prepareSeal(
  request: BackupRequest,
  systemIdentifier: string | null,
  home: Home,
  secrets?: SecretStore,
): Promise<ManifestSeal> {
  const signer = await findSigner(request.recipients ?? [], home, secrets);
  return {
    previousId: await findPreviousId(request, systemIdentifier),
    sign: (manifest) => (signer === null ? manifest : signManifest(manifest, signer.key, signer.recipient)),
  };
}

async function findPreviousId(
  request: BackupRequest,
  systemIdentifier: string | null,
): Promise<string | null | undefined> {
  const [folder] = request.locations;
  if (folder === undefined) return undefined;
  const isSame = ({ server }: Manifest) => server.systemIdentifier === systemIdentifier;
  const previous = await findNewestBackup(folder, request.database, isSame);
  return previous?.manifest.id ?? null;
}

async function findSigner(
  recipients: readonly string[],
  home: Home,
  secrets: SecretStore | undefined,
): Promise<{ recipient: string; key: Uint8Array } | null> {
  if (recipients.length === 0) return null;
  const store = openKeyStore(home, secrets);
  for (const known of await store.list()) {
    if (!recipients.includes(known.recipient)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one question at a time: a locked keychain opens a window for each
    const identity = await store.identityOf(known).catch(() => null);
    if (identity !== null) return { recipient: known.recipient, key: deriveProofKey(identity) };
  }
  return null;
}
