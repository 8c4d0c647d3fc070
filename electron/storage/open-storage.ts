import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { AppError } from "../../shared/error/app-error.ts";
import { isS3Location, isSftpLocation, parseS3Location, parseSftpLocation } from "../../shared/storage/location.ts";
import type { S3Settings, SftpSettings, StorageSettings } from "../../shared/storage/settings.ts";
import type { Home } from "../home.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { limitRate } from "./limit-rate.ts";
import { createLocalStorage } from "./local-storage.ts";
import { openSavedStorages, storageAccount } from "./saved-storages.ts";
import type { Storage } from "./storage.ts";

/** Where settings, secrets and addresses are looked for. */
export interface StorageContext {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** Left out: the system's keychain. */
  readonly secrets?: SecretStore;
}

/**
 * The storage behind a LOCATION: a saved storage's name, `s3://bucket/prefix`, `sftp://user@host/folder`, or a folder. A
 * bucket that a saved storage names is opened with that storage's endpoint and key, any other with the standard AWS
 * environment and profile files; an SFTP server likewise, any other with ssh's own keys and agent.
 * Nothing is asked of it yet.
 * @throws storage.notSaved, storage.insecure, storage.credentials, storage.invalid, secrets.unavailable, usage.invalid
 */
export async function openStorage(location: string, context: StorageContext): Promise<Storage> {
  if (isS3Location(location)) return openBucketPlace(location, context);
  if (isSftpLocation(location)) return openSftpPlace(location, context);
  const saved = (await openSavedStorages(context.home).list()).find(({ name }) => name === location);
  if (saved !== undefined) return openSettings(saved.settings, saved.name, context);
  // A mistyped name must not become a folder of that name wherever the command happens to run.
  if (!/[/\\.]/.test(location) && !(await isFolder(location)))
    throw new AppError("storage.notSaved", `There is no storage ${location}, and no such folder.`, {
      hint: `List the storages with: lifeboat storages. For a new folder, write ./${location}.`,
    });
  return createLocalStorage(location);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function openBucketPlace(location: string, context: StorageContext): Promise<Storage> {
  const { bucket, path } = parseS3Location(location);
  const candidates = (await openSavedStorages(context.home).list()).filter(
    ({ settings }) => settings.kind === "s3" && settings.bucket === bucket && holds(settings.prefix, path),
  );
  const [saved] = candidates;
  if (saved?.settings.kind === "s3") return openSettings({ ...saved.settings, prefix: path }, saved.name, context);
  return openSettings({ ...fromEnvironment, bucket, prefix: path }, null, context);
}

async function openSftpPlace(location: string, context: StorageContext): Promise<Storage> {
  const { settings, name } = await findSftpSettings(location, context.home);
  return openSettings(settings, name, context);
}

/**
 * How the server of an `sftp://` LOCATION is logged in to: as a saved storage on it says, else as ssh would.
 * @returns with the saved storage's name, null where there is none
 * @throws usage.invalid, storage.invalid
 */
export async function findSftpSettings(
  location: string,
  home: Home,
): Promise<{ settings: SftpSettings; name: string | null }> {
  const place = parseSftpLocation(location);
  const port = place.port ?? 22;
  const user = place.user ?? userInfo().username;
  for (const { name, settings } of await openSavedStorages(home).list()) {
    if (settings.kind !== "sftp" || settings.host !== place.host || settings.port !== port) continue;
    if (settings.user === user) return { settings: { ...settings, path: place.path }, name };
  }
  return { settings: { kind: "sftp", host: place.host, port, user, path: place.path, keyFile: null }, name: null };
}

function holds(prefix: string, path: string): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}

/** What the AWS command line would do. */
const fromEnvironment: Omit<S3Settings, "bucket" | "prefix"> = {
  kind: "s3",
  endpoint: null,
  region: null,
  style: "auto",
  caFile: null,
  checksums: "auto",
  mostParts: 10_000,
  credentials: { from: "chain", profile: null },
};

/**
 * A storage by its settings.
 * @param name of the saved storage, under which its secret is kept; null where there is none
 * @throws as openStorage
 */
export async function openSettings(
  settings: StorageSettings,
  name: string | null,
  context: StorageContext,
): Promise<Storage> {
  if (settings.kind === "folder") return createLocalStorage(settings.path);
  const storage =
    settings.kind === "sftp" ? await openSftp(settings, name, context) : await openS3(settings, name, context);
  return settings.maxBytesPerSecond === undefined ? storage : limitRate(settings.maxBytesPerSecond)(storage);
}

async function openS3(settings: S3Settings, name: string | null, context: StorageContext): Promise<Storage> {
  const { credentials } = settings;
  const secret = credentials.from === "chain" ? null : await loadSecret(credentials.accessKeyId, name, context);
  // Loaded when first needed: the AWS SDK is by far the largest thing in here.
  const { openS3Storage } = await import("./s3-storage.ts");
  return openS3Storage(settings, secret, context.env);
}

async function openSftp(settings: SftpSettings, name: string | null, context: StorageContext): Promise<Storage> {
  const { createSftpStorage } = await import("./sftp-storage.ts");
  return createSftpStorage(settings, {
    knownHostsFile: context.home.knownHostsFile,
    async secret() {
      const given = context.env["LIFEBOAT_SSH_SECRET"];
      if (given) return new Secret(given);
      if (name === null) return null;
      return (context.secrets ?? createKeychainStore()).read(storageAccount(name, context.home));
    },
  });
}

/** The environment's, where it is of this very key, as in CI where there is no keychain; else the keychain's. */
async function loadSecret(accessKeyId: string, name: string | null, context: StorageContext): Promise<Secret> {
  const { env, home } = context;
  const given = env["AWS_SECRET_ACCESS_KEY"];
  if (env["AWS_ACCESS_KEY_ID"] === accessKeyId && given) return new Secret(given);
  const keychain = context.secrets ?? createKeychainStore();
  const kept = name === null ? null : await keychain.read(storageAccount(name, home));
  if (kept !== null) return kept;
  throw new AppError("storage.credentials", `The secret of the access key ${accessKeyId} is not in the keychain.`, {
    hint: "Add the storage again, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  });
}
