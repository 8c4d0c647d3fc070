import type { S3Settings } from "./settings.ts";

/** What is known about a service that speaks S3, so that a person need not. */
export interface StoragePreset {
  readonly id: string;
  readonly title: string;
  /** With `{region}` and `{account}` to be filled in; null for AWS's own; `{endpoint}` where only the person knows it. */
  readonly endpoint: string | null;
  /** Where a region is not the person's to choose. */
  readonly region: string | null;
  /** For people: what a region looks like there. */
  readonly regionExample: string | null;
  readonly style: S3Settings["style"];
  readonly checksums: S3Settings["checksums"];
  readonly mostParts: number;
  /** What to know and where to find the keys, a sentence each. */
  readonly hints: readonly string[];
}

/**
 * The services people keep backups in. Checksums: the SDK's default (CRC32 trailers) is refused or ignored by several of
 * them (aws-sdk-js-v3 issues 6810, 6819); `whenRequired` works with all. R2 and B2 want parts of one length, which ours are.
 */
export const storagePresets: readonly StoragePreset[] = [
  {
    id: "aws",
    title: "Amazon S3",
    endpoint: null,
    region: null,
    regionExample: "eu-central-1",
    style: "auto",
    checksums: "auto",
    mostParts: 10_000,
    hints: [
      "Without a key, the AWS profile, SSO login or the machine's role is used.",
      "Turn on versioning or Object Lock, so that nobody who steals the key can destroy the backups.",
    ],
  },
  {
    id: "r2",
    title: "Cloudflare R2",
    endpoint: "https://{account}.r2.cloudflarestorage.com",
    region: "auto",
    regionExample: null,
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: [
      "The account is the 32 digits in the dashboard's address.",
      "Make the key under R2, Manage API tokens, with Object Read & Write for this bucket.",
      "A token that is limited to one bucket cannot list buckets; Lifeboat needs not.",
    ],
  },
  {
    id: "b2",
    title: "Backblaze B2",
    endpoint: "https://s3.{region}.backblazeb2.com",
    region: null,
    regionExample: "eu-central-003",
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: [
      "The region stands in the bucket's endpoint.",
      "Make an application key; the master key does not work with S3.",
      "A deleted file stays as a hidden version until the bucket's lifecycle rule removes it.",
    ],
  },
  {
    id: "wasabi",
    title: "Wasabi",
    endpoint: "https://s3.{region}.wasabisys.com",
    region: null,
    regionExample: "eu-central-1",
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: ["What is deleted within 90 days is paid for 90 days."],
  },
  {
    id: "minio",
    title: "MinIO",
    endpoint: "{endpoint}",
    region: "us-east-1",
    regionExample: null,
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: [
      "The address of the S3 port (9000 by default), not of the console.",
      "For a certificate of your own, name the authority's file with --ca-file.",
    ],
  },
  {
    id: "ceph",
    title: "Ceph",
    endpoint: "{endpoint}",
    region: "us-east-1",
    regionExample: null,
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: ["The address of the RADOS gateway. Keys: radosgw-admin user create."],
  },
  {
    id: "hetzner",
    title: "Hetzner Object Storage",
    endpoint: "https://{region}.your-objectstorage.com",
    region: null,
    regionExample: "fsn1",
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: ["Make the key in the project's Security, S3 credentials; it reaches every bucket of the project."],
  },
  {
    id: "digitalocean",
    title: "DigitalOcean Spaces",
    endpoint: "https://{region}.digitaloceanspaces.com",
    region: null,
    regionExample: "fra1",
    style: "path",
    checksums: "whenRequired",
    mostParts: 10_000,
    hints: ["Make the key under API, Spaces Keys, limited to this bucket."],
  },
  {
    id: "scaleway",
    title: "Scaleway",
    endpoint: "https://s3.{region}.scw.cloud",
    region: null,
    regionExample: "fr-par",
    style: "path",
    checksums: "whenRequired",
    mostParts: 1000,
    hints: ["The key acts in its default project; choose the one the bucket is in."],
  },
];

export function findPreset(id: string): StoragePreset | null {
  return storagePresets.find((preset) => preset.id === id) ?? null;
}

/** What a preset asks of a person: names of the braces in its endpoint. */
export function presetQuestions(preset: StoragePreset): string[] {
  return Array.from((preset.endpoint ?? "").matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
}

/**
 * The endpoint with the answers filled in; null for AWS. Null also where an answer is missing: ask presetQuestions first.
 */
export function presetEndpoint(
  preset: StoragePreset,
  answers: Readonly<Record<string, string | undefined>>,
): string | null {
  if (preset.endpoint === null || presetQuestions(preset).some((name) => !answers[name])) return null;
  return preset.endpoint.replaceAll(/\{(\w+)\}/g, (_, name: string) => answers[name] ?? "");
}
