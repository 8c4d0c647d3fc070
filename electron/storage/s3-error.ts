import { AppError } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";

/** What is read of an error of the AWS SDK; the rest of it may hold the request, and so the signature. */
interface SdkError {
  readonly name: string;
  readonly status: number | null;
  readonly words: string;
  readonly systemCode: string;
  readonly region: string | null;
}

/** Names of S3's errors (API reference, "List of error codes"), of Ceph's gateway and of the SDK itself. */
const codesByName: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: "storage.notFound",
  NotFound: "storage.notFound",
  NoSuchVersion: "storage.notFound",
  NoSuchBucket: "storage.bucketMissing",
  InvalidBucketName: "storage.bucketMissing",
  AccessDenied: "storage.permissionDenied",
  Forbidden: "storage.permissionDenied",
  AllAccessDisabled: "storage.permissionDenied",
  AccountProblem: "storage.permissionDenied",
  InvalidAccessKeyId: "storage.credentials",
  SignatureDoesNotMatch: "storage.credentials",
  InvalidSecurity: "storage.credentials",
  InvalidToken: "storage.credentials",
  ExpiredToken: "storage.credentials",
  ExpiredTokenException: "storage.credentials",
  TokenRefreshRequired: "storage.credentials",
  CredentialsProviderError: "storage.credentials",
  TokenProviderError: "storage.credentials",
  RequestTimeTooSkewed: "storage.clockSkew",
  RequestExpired: "storage.clockSkew",
  AuthorizationHeaderMalformed: "storage.wrongRegion",
  PermanentRedirect: "storage.wrongRegion",
  IllegalLocationConstraintException: "storage.wrongRegion",
  PreconditionFailed: "storage.conflict",
  ConditionalRequestConflict: "storage.conflict",
  InvalidObjectState: "storage.archived",
  QuotaExceeded: "storage.full",
  EntityTooLarge: "storage.tooLarge",
  KeyTooLongError: "storage.invalid",
  SlowDown: "storage.busy",
  ServiceUnavailable: "storage.busy",
  ThrottlingException: "storage.busy",
  TooManyRequests: "storage.busy",
  InternalError: "storage.busy",
};

const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  301: "storage.wrongRegion",
  401: "storage.credentials",
  403: "storage.permissionDenied",
  404: "storage.notFound",
  409: "storage.conflict",
  412: "storage.conflict",
  429: "storage.busy",
  500: "storage.busy",
  502: "storage.busy",
  503: "storage.busy",
  507: "storage.full",
};

const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/;
const tlsCodes = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|ERR_SSL|HOSTNAME_MISMATCH)/;

/**
 * A failure of the AWS SDK in the user's words. Nothing of the request goes into it: no header, no signature, no key.
 * @param what the place, for the message: `s3://bucket/key`
 */
export function s3Error(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const facts = readSdkError(error);
  const code = codeOf(facts);
  const words = facts.words === "UnknownError" ? "" : `: ${facts.words}`;
  const detail = `${facts.status ?? ""} ${facts.name}${words}`.trim().slice(0, 500);
  const hint =
    code === "storage.wrongRegion" && facts.region !== null ? `Set the region to ${facts.region}.` : undefined;
  // Not as the cause: the SDK's error holds the whole request.
  return new AppError(code, messageOf(code, facts, what), { detail, hint });
}

function codeOf({ name, status, systemCode, words }: SdkError): ErrorCode {
  const named = codesByName[name];
  if (named !== undefined) return named;
  if (tlsCodes.test(systemCode)) return "storage.tls";
  if (networkCodes.test(systemCode) || name === "TimeoutError") return "storage.unreachable";
  // Not yet a conversation in S3: a proxy's page, another service on that port.
  if (/Deserialization error|socket hang up|aborted/i.test(words)) return "storage.unreachable";
  if (/region is missing/i.test(words)) return "storage.wrongRegion";
  if (/credential/i.test(name)) return "storage.credentials";
  return (status === null ? undefined : codesByStatus[status]) ?? "storage.failed";
}

function messageOf(code: ErrorCode, { name, words, systemCode }: SdkError, what: string): string {
  switch (code) {
    case "storage.notFound":
      return `There is no ${what}.`;
    case "storage.bucketMissing":
      return `There is no such bucket: ${what}.`;
    case "storage.permissionDenied":
      return `These credentials may not do that in ${what}.`;
    case "storage.credentials":
      if (name === "InvalidAccessKeyId") return "The storage does not know this access key.";
      if (name === "SignatureDoesNotMatch") return "The secret does not belong to the access key.";
      if (name.startsWith("Expired")) return "The session has expired. Log in again.";
      return /could not load|no .*provider/i.test(words)
        ? "No credentials were found for this storage."
        : "The storage does not accept these credentials.";
    case "storage.clockSkew":
      return "This machine's clock is off by more than the storage accepts.";
    case "storage.wrongRegion":
      return /region is missing/i.test(words)
        ? "No region is set for this storage."
        : `The bucket is in another region: ${what}.`;
    case "storage.conflict":
      return `${what} is there already, or was changed meanwhile.`;
    case "storage.archived":
      return `${what} lies in an archive class and cannot be read at once.`;
    case "storage.full":
      return `There is no space left for ${what}.`;
    case "storage.tooLarge":
      return `The storage does not take an object of this size: ${what}.`;
    case "storage.busy":
      return "The storage is busy or has a fault of its own.";
    case "storage.tls":
      return "The storage's certificate could not be checked.";
    case "storage.unreachable":
      if (systemCode === "ECONNREFUSED") return "Nothing answers at the storage's address.";
      return systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN"
        ? "The storage's host name is not known."
        : "The storage cannot be reached, or the connection to it was lost.";
    default:
      return `The storage refused: ${what}.`;
  }
}

function readSdkError(error: unknown): SdkError {
  const given: Record<string, unknown> = typeof error === "object" && error !== null ? { ...error } : {};
  const metadata: Record<string, unknown> = isRecord(given["$metadata"]) ? given["$metadata"] : {};
  const name = error instanceof Error ? error.name : "Error";
  const status = metadata["httpStatusCode"];
  const region = given["Region"] ?? given["BucketRegion"];
  return {
    name: name === "Error" && typeof given["Code"] === "string" ? given["Code"] : name,
    status: typeof status === "number" ? status : null,
    words: error instanceof Error ? error.message : String(error),
    systemCode: typeof given["code"] === "string" ? given["code"] : "",
    region: typeof region === "string" ? region : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
