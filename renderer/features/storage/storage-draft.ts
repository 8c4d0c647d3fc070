import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { StorageView } from "../../../shared/contract/storage-views.ts";
import { findPreset, presetEndpoint, presetQuestions, type StoragePreset } from "../../../shared/storage/presets.ts";
import type { S3Settings } from "../../../shared/storage/settings.ts";
import { formatRate, parseRate } from "../../../shared/text/parse-bytes.ts";

export type WireStorage = ArgsOf<"storages.save">["storage"];

/** What is chosen first: a service that speaks S3, another one, a folder, a machine through SSH. */
export type StorageChoice = string;
export const otherS3 = "other";
export const folderChoice = "folder";
export const sftpChoice = "sftp";

/** A storage while it is filled in: texts as they were typed. */
export interface StorageDraft {
  readonly choice: StorageChoice;
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly keyFrom: "keychain" | "chain";
  readonly accessKeyId: string;
  /** Empty in a saved one: it stays as it is. */
  readonly secret: string;
  readonly awsProfile: string;
  readonly style: S3Settings["style"];
  readonly checksums: S3Settings["checksums"];
  readonly caFile: string;
  /** `bucket`: whatever the bucket does by itself. */
  readonly storageClass: NonNullable<S3Settings["storageClass"]> | "bucket";
  readonly encryption: NonNullable<S3Settings["serverSideEncryption"]>["method"] | "bucket";
  /** Of the storage's key service; empty for its default. */
  readonly encryptionKey: string;
  /** How long each backup is held; empty for as the bucket does. */
  readonly lockDays: string;
  readonly lockMode: NonNullable<S3Settings["lock"]>["mode"];
  /** `5MB/s`; empty for no bound. */
  readonly rate: string;
  readonly path: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly authentication: "agent" | "key" | "password";
  readonly keyFile: string;
}

export const emptyDraft: StorageDraft = {
  choice: "aws",
  name: "",
  bucket: "",
  prefix: "",
  endpoint: "",
  region: "",
  account: "",
  keyFrom: "keychain",
  accessKeyId: "",
  secret: "",
  awsProfile: "",
  style: "auto",
  checksums: "auto",
  caFile: "",
  storageClass: "bucket",
  encryption: "bucket",
  encryptionKey: "",
  lockDays: "",
  lockMode: "GOVERNANCE",
  rate: "",
  path: "",
  host: "",
  port: "22",
  user: "",
  authentication: "agent",
  keyFile: "",
};

export function isBucket({ choice }: StorageDraft): boolean {
  return choice !== folderChoice && choice !== sftpChoice;
}

/** The preset's own fields that a person fills in beside bucket and key. */
export function questionsOf(draft: StorageDraft): readonly ("endpoint" | "region" | "account")[] {
  const preset = findPreset(draft.choice);
  if (preset === null) return ["endpoint", "region"];
  const asked = presetQuestions(preset);
  const names = ["endpoint", "region", "account"] as const;
  // AWS has no endpoint to fill in, and yet its buckets lie in a region.
  return names.filter((name) => asked.includes(name) || (name === "region" && preset.region === null));
}

/** Another service brings its own ways; what was typed stays. */
export function choose(draft: StorageDraft, choice: StorageChoice): StorageDraft {
  const preset = findPreset(choice);
  const isAws = choice === "aws";
  return {
    ...draft,
    choice,
    keyFrom: isAws ? draft.keyFrom : "keychain",
    style: preset?.style ?? "auto",
    checksums: preset?.checksums ?? "auto",
  };
}

/** Whether a secret is typed for it: a bucket's key, a password, the passphrase of a private key. */
export function takesSecret(draft: StorageDraft): boolean {
  if (draft.choice === sftpChoice) return draft.authentication !== "agent";
  return isBucket(draft) && draft.keyFrom === "keychain";
}

export type StorageFault = "missing" | "name" | "endpoint" | "port" | "bucket" | "rate" | "days";
export type StorageField = keyof StorageDraft;

/** What has to be mended before it can be tried; the name only counts for saving. */
export function findStorageFaults(draft: StorageDraft, isNew: boolean): ReadonlyMap<StorageField, StorageFault> {
  const faults = new Map<StorageField, StorageFault>();
  const need = (field: StorageField) => {
    if (draft[field].trim() === "") faults.set(field, "missing");
  };
  need("name");
  if (!faults.has("name") && !/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(draft.name)) faults.set("name", "name");
  if (draft.choice === folderChoice) {
    need("path");
    return faults;
  }
  if (draft.rate.trim() !== "" && parseRate(draft.rate) === null) faults.set("rate", "rate");
  if (draft.choice === sftpChoice) {
    for (const field of ["host", "user"] as const) need(field);
    if (!isPort(draft.port)) faults.set("port", "port");
    if (draft.authentication === "key") need("keyFile");
    if (draft.authentication === "password" && isNew) need("secret");
    return faults;
  }
  need("bucket");
  if (draft.lockDays.trim() !== "" && daysOf(draft) === null) faults.set("lockDays", "days");
  if (!faults.has("bucket") && /[/?#@:\s]/.test(bucketOf(draft).bucket)) faults.set("bucket", "bucket");
  for (const field of questionsOf(draft)) if (field !== "region" || mustName(draft)) need(field);
  if (questionsOf(draft).includes("endpoint") && !faults.has("endpoint") && !/^https?:\/\/[^\s/]/.test(draft.endpoint))
    faults.set("endpoint", "endpoint");
  if (draft.keyFrom === "keychain") {
    need("accessKeyId");
    if (isNew) need("secret");
  }
  return faults;
}

/** A region that is part of the address has to be given. */
function mustName({ choice }: StorageDraft): boolean {
  const preset = findPreset(choice);
  return preset !== null && presetQuestions(preset).includes("region");
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** People paste `s3://bucket/folder` where a bucket's name is asked for. */
function bucketOf({ bucket, prefix }: StorageDraft): { bucket: string; prefix: string } {
  const [, name = "", path = ""] = /^(?:s3:\/\/)?([^/]*)\/?(.*)$/s.exec(bucket.trim()) ?? [];
  return { bucket: name, prefix: trimSlashes(prefix.trim() === "" ? path : prefix.trim()) };
}

function trimSlashes(text: string): string {
  return text.replaceAll(/^\/+|\/+$/g, "");
}

/** As it is saved and tried; only one without faults. */
export function storageOf(draft: StorageDraft): WireStorage {
  const name = draft.name.trim();
  if (draft.choice === folderChoice)
    return { name, preset: null, settings: { kind: "folder", path: draft.path.trim() } };
  if (draft.choice === sftpChoice)
    return {
      name,
      preset: null,
      settings: {
        kind: "sftp",
        host: draft.host.trim(),
        port: Number(draft.port),
        user: draft.user.trim(),
        path: draft.path.trim(),
        keyFile: draft.authentication === "key" ? orNull(draft.keyFile) : null,
        authentication: draft.authentication,
        ...rateOf(draft),
      },
    };
  const preset = findPreset(draft.choice);
  return {
    name,
    preset: preset?.id ?? null,
    settings: {
      kind: "s3",
      ...bucketOf(draft),
      endpoint: endpointOf(draft, preset),
      region: orNull(draft.region) ?? preset?.region ?? null,
      style: draft.style,
      caFile: orNull(draft.caFile),
      checksums: draft.checksums,
      mostParts: preset?.mostParts ?? 10_000,
      ...rateOf(draft),
      ...storingOf(draft),
      ...lockOf(draft),
      credentials:
        draft.keyFrom === "keychain"
          ? { from: "keychain", accessKeyId: draft.accessKeyId.trim() }
          : { from: "chain", profile: orNull(draft.awsProfile) },
    },
  };
}

/** The SSH server of a folder there, in the fields that its host key is asked for with; null for another kind of place. */
export function sshServerOf(draft: StorageDraft): ArgsOf<"profiles.hostKey">["tunnel"] | null {
  const { settings } = storageOf(draft);
  if (settings.kind !== "sftp") return null;
  const { host, port, user, keyFile } = settings;
  return { host, port, user, keyFile, authentication: draft.authentication };
}

function rateOf({ rate }: StorageDraft): { maxBytesPerSecond?: number } {
  const bytes = parseRate(rate);
  return bytes === null ? {} : { maxBytesPerSecond: bytes };
}

function lockOf(draft: StorageDraft): Pick<S3Settings, "lock"> {
  const days = daysOf(draft);
  return days === null ? {} : { lock: { days, mode: draft.lockMode } };
}

function daysOf({ lockDays }: StorageDraft): number | null {
  const days = /^\d{1,5}$/.test(lockDays.trim()) ? Number(lockDays) : 0;
  return days >= 1 && days <= 36_500 ? days : null;
}

/** How the storage is to keep the data; left out, as the bucket does by itself. */
function storingOf(draft: StorageDraft): Pick<S3Settings, "storageClass" | "serverSideEncryption"> {
  const { storageClass, encryption, encryptionKey } = draft;
  return {
    ...(storageClass === "bucket" ? {} : { storageClass }),
    ...(encryption === "bucket"
      ? {}
      : {
          serverSideEncryption:
            encryption === "aws:kms" ? { method: encryption, keyId: orNull(encryptionKey) } : { method: encryption },
        }),
  };
}

function endpointOf(draft: StorageDraft, preset: StoragePreset | null): string | null {
  if (preset === null) return orNull(draft.endpoint);
  const { region, account, endpoint } = draft;
  return presetEndpoint(preset, { region: region.trim(), account: account.trim(), endpoint: endpoint.trim() });
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}

/** A saved storage, to be changed. */
export function draftOf({ name, preset, settings }: StorageView): StorageDraft {
  if (settings.kind === "folder") return { ...emptyDraft, choice: folderChoice, name, path: settings.path };
  if (settings.kind === "sftp") {
    const { host, port, user, path, keyFile } = settings;
    const authentication = settings.authentication ?? (keyFile === null ? "agent" : "key");
    const way = { authentication, keyFile: keyFile ?? "", rate: rateText(settings) };
    return { ...emptyDraft, choice: sftpChoice, name, host, port: String(port), user, path, ...way };
  }
  const { bucket, prefix, endpoint, region, style, checksums, caFile, credentials } = settings;
  const { storageClass = "bucket", serverSideEncryption } = settings;
  const found = preset === null ? null : findPreset(preset);
  return {
    ...emptyDraft,
    choice: found?.id ?? otherS3,
    name,
    bucket,
    prefix,
    endpoint: endpoint ?? "",
    region: region ?? "",
    account: /^https:\/\/(\w+)\.r2\./.exec(endpoint ?? "")?.[1] ?? "",
    style,
    checksums,
    caFile: caFile ?? "",
    storageClass,
    encryption: serverSideEncryption?.method ?? "bucket",
    encryptionKey: serverSideEncryption?.method === "aws:kms" ? (serverSideEncryption.keyId ?? "") : "",
    lockDays: settings.lock === undefined ? "" : String(settings.lock.days),
    lockMode: settings.lock?.mode ?? "GOVERNANCE",
    rate: rateText(settings),
    keyFrom: credentials.from,
    accessKeyId: credentials.from === "keychain" ? credentials.accessKeyId : "",
    awsProfile: credentials.from === "chain" ? (credentials.profile ?? "") : "",
  };
}

function rateText({ maxBytesPerSecond }: { readonly maxBytesPerSecond?: number }): string {
  return maxBytesPerSecond === undefined ? "" : formatRate(maxBytesPerSecond);
}
