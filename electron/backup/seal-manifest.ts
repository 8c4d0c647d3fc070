import type { Manifest } from "../../shared/contract/manifest.ts";
import type { Home } from "../home.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { findNewestBackup } from "../storage/backup-folder.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { signManifest } from "../storage/manifest-proof.ts";
import { openStorage, type StorageContext } from "../storage/open-storage.ts";
import { findNewestStored } from "../storage/stored-backups.ts";
import type { BackupRequest } from "./backup-request.ts";

/** What a manifest gets last of all. */
export interface ManifestSeal {
  /** The newest backup of the same database of the same server; null: there is none; undefined: not looked for. */
  readonly previous: PreviousBackup | null | undefined;
  /** Proves the manifest, where this machine holds a key of the backup. */
  sign(manifest: Manifest): Manifest;
}

/** The backup before, and the place that it is in, as Storage.identify() names it. */
interface PreviousBackup {
  readonly id: string;
  readonly place: string;
}

/** A storage that does not answer by then keeps no backup waiting: the manifest names none before it. */
const mostWaitMs = 20_000;

/**
 * Looks for the backup before, in the first place that the backup goes to, folders first, and for a key to prove the new one
 * by. A keychain that cannot be read, or does not hold the key, means a manifest without proof.
 * @throws the signal's reason alone
 */
export async function prepareSeal(
  request: BackupRequest,
  systemIdentifier: string | null,
  access: StorageContext,
  signal: AbortSignal,
): Promise<ManifestSeal> {
  const signer = await findSigner(request.recipients ?? [], access.home, access.secrets);
  return {
    previous: await findPrevious(request, systemIdentifier, access, signal),
    sign: (manifest) => (signer === null ? manifest : signManifest(manifest, signer.key, signer.recipient)),
  };
}

async function findPrevious(
  request: BackupRequest,
  systemIdentifier: string | null,
  access: StorageContext,
  signal: AbortSignal,
): Promise<PreviousBackup | null | undefined> {
  const [folder] = request.locations;
  const isSame = ({ server }: Manifest) => server.systemIdentifier === systemIdentifier;
  if (folder !== undefined) {
    const found = await findNewestBackup(folder, request.database, isSame);
    return found && { id: found.manifest.id, place: await createLocalStorage(folder).identify() };
  }
  const [location] = request.storages ?? [];
  if (location === undefined) return undefined;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(mostWaitMs)]);
  try {
    const storage = await openStorage(location, access);
    try {
      const found = await findNewestStored(storage, request.database, isSame, patience);
      return found && { id: found.id, place: await storage.identify() };
    } finally {
      await storage.close();
    }
  } catch {
    signal.throwIfAborted();
    // Told where the backup is written, if it is the same by then.
    return undefined;
  }
}

async function findSigner(
  recipients: readonly string[],
  home: Home,
  secrets: SecretStore | undefined,
): Promise<{ recipient: string; key: Uint8Array } | null> {
  if (recipients.length === 0) return null;
  const { openKeyStore } = await import("../encryption/key-store.ts");
  const { deriveProofKey } = await import("../encryption/proof-key.ts");
  const store = openKeyStore(home, secrets);
  for (const known of await store.list()) {
    if (!recipients.includes(known.recipient)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one question at a time: a locked keychain opens a window for each
    const identity = await store.identityOf(known).catch(() => null);
    if (identity !== null) return { recipient: known.recipient, key: deriveProofKey(identity) };
  }
  return null;
}
