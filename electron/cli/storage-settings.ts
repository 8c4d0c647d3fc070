import { userInfo } from "node:os";
import { resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { isS3Location, isSftpLocation, parseS3Location, parseSftpLocation } from "../../shared/storage/location.ts";
import { findPreset, presetEndpoint, presetQuestions } from "../../shared/storage/presets.ts";
import type { S3Settings, SftpSettings, StorageSettings } from "../../shared/storage/settings.ts";
import { limitOf } from "./options.ts";

/** Options of `storages add`. */
export interface AddOptions {
  readonly limitRate?: number;
  readonly preset?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly account?: string;
  readonly style?: S3Settings["style"];
  readonly checksums?: S3Settings["checksums"];
  readonly caFile?: string;
  readonly storageClass?: S3Settings["storageClass"];
  readonly sse?: "AES256" | "aws:kms";
  readonly sseKeyId?: string;
  readonly lockDays?: number;
  readonly lockMode?: "GOVERNANCE" | "COMPLIANCE";
  readonly accessKeyId?: string;
  readonly awsProfile?: string;
  readonly keyFile?: string;
  readonly password?: boolean;
  readonly passphrase?: boolean;
}

/** The settings of a place to be saved. @throws usage.invalid */
export function settingsOf(location: string, options: AddOptions): StorageSettings {
  if (isS3Location(location)) return bucketSettings(location, options);
  return isSftpLocation(location) ? sftpSettings(location, options) : { kind: "folder", path: resolve(location) };
}

function sftpSettings(location: string, options: AddOptions): SftpSettings {
  const { host, port, user, path } = parseSftpLocation(location);
  const keyFile = options.keyFile === undefined ? null : resolve(options.keyFile);
  const authentication = options.password ? "password" : keyFile === null ? "agent" : "key";
  return {
    kind: "sftp",
    host,
    port: port ?? 22,
    user: user ?? userInfo().username,
    path,
    keyFile,
    authentication,
    ...limitOf(options),
  };
}

function bucketSettings(location: string, options: AddOptions): S3Settings {
  const { bucket, path } = parseS3Location(location);
  const preset = options.preset === undefined ? null : findPreset(options.preset);
  const answers: Record<string, string | undefined> = {
    region: options.region,
    account: options.account,
    endpoint: options.endpoint,
  };
  const missing = preset === null ? [] : presetQuestions(preset).filter((name) => !answers[name]);
  if (missing.length > 0 && options.endpoint === undefined)
    throw new AppError("usage.invalid", `${preset?.title ?? ""} needs --${missing.join(" and --")}.`, {
      hint: preset?.regionExample ? `A region there looks like ${preset.regionExample}.` : undefined,
    });
  return {
    kind: "s3",
    bucket,
    prefix: path,
    endpoint: options.endpoint ?? (preset === null ? null : presetEndpoint(preset, answers)),
    region: options.region ?? preset?.region ?? null,
    style: options.style ?? preset?.style ?? "auto",
    caFile: options.caFile ?? null,
    checksums: options.checksums ?? preset?.checksums ?? "auto",
    mostParts: preset?.mostParts ?? 10_000,
    ...limitOf(options),
    ...(options.storageClass === undefined ? {} : { storageClass: options.storageClass }),
    ...(options.sse === undefined ? {} : { serverSideEncryption: encryptionOf(options.sse, options.sseKeyId) }),
    ...lockOf(options),
    credentials:
      options.accessKeyId === undefined
        ? { from: "chain", profile: options.awsProfile ?? null }
        : { from: "keychain", accessKeyId: options.accessKeyId },
  };
}

/** GOVERNANCE where no mode is named: a number typed wrongly can be mended by whoever has the right to. */
function lockOf({ lockDays, lockMode }: AddOptions): Pick<S3Settings, "lock"> {
  if (lockDays !== undefined) return { lock: { days: lockDays, mode: lockMode ?? "GOVERNANCE" } };
  if (lockMode === undefined) return {};
  throw new AppError("usage.invalid", "--lock-mode goes with --lock-days.");
}

function encryptionOf(
  method: NonNullable<AddOptions["sse"]>,
  keyId: string | undefined,
): NonNullable<S3Settings["serverSideEncryption"]> {
  if (method === "aws:kms") return { method, keyId: keyId ?? null };
  if (keyId === undefined) return { method };
  throw new AppError("usage.invalid", "--sse-key-id goes with --sse aws:kms.");
}
