import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { AppError } from "../../shared/error/app-error.ts";
import type { S3Settings } from "../../shared/storage/settings.ts";
import type { Secret } from "../secrets/secret.ts";

const connectMs = 10_000;
/** A connection on which nothing moves for this long is given up and tried anew. */
export const idleMs = 30_000;
/** Of one request, with growing pauses between them. */
const attempts = 5;

/**
 * Options for the AWS SDK's client.
 * @throws storage.insecure for http:// beyond this machine, storage.notFound for the file of certificates
 */
export async function s3ClientOptions(settings: S3Settings, secret: Secret | null, env: NodeJS.ProcessEnv) {
  const { credentials, region } = settings;
  const endpoint = settings.endpoint ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"] ?? null;
  if (endpoint !== null) refusePlainHttp(endpoint);
  const isForeign = endpoint !== null && !/\.amazonaws\.com(\.cn)?$/i.test(new URL(endpoint).hostname);
  const checksums = settings.checksums === "auto" ? (isForeign ? "whenRequired" : null) : settings.checksums;
  const mode = checksums === "whenRequired" ? ("WHEN_REQUIRED" as const) : ("WHEN_SUPPORTED" as const);
  const agent = { keepAlive: true, maxSockets: 64, proxyEnv: env };
  return {
    ...(endpoint === null ? {} : { endpoint }),
    // Services that have no regions want any; AWS's own chain finds it in the profile where there is one.
    ...(region === null ? (isForeign && !env["AWS_REGION"] ? { region: "us-east-1" } : {}) : { region }),
    ...(credentials.from === "keychain"
      ? { credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: secret?.reveal() ?? "" } }
      : credentials.profile === null
        ? {}
        : { profile: credentials.profile }),
    ...(checksums === null ? {} : { requestChecksumCalculation: mode, responseChecksumValidation: mode }),
    forcePathStyle: settings.style === "path" || (settings.style === "auto" && isForeign),
    followRegionRedirects: true,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: { ...agent, ...(settings.caFile === null ? {} : { ca: await withAuthority(settings.caFile) }) },
    },
  };
}

/** Keys, names and data would be there for all to read. On the way to this machine itself nobody can. */
function refusePlainHttp(endpoint: string): void {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname)) return;
  throw new AppError("storage.insecure", "The storage's address is not encrypted.", {
    detail: `${protocol}//${hostname}`,
  });
}

/** The authorities everybody trusts, and one more. */
async function withAuthority(file: string): Promise<string[]> {
  const pem = await readFile(file, "utf8").catch((error: unknown) => {
    throw new AppError("storage.notFound", "The file with the authority's certificate cannot be read.", {
      detail: error instanceof Error ? error.message : undefined,
    });
  });
  return [...rootCertificates, pem];
}
