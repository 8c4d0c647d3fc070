import { createHash, randomBytes } from "node:crypto";
import type { BackupProof } from "../../shared/contract/backup-proof.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { ageRecipients } from "../../shared/policy/recipients.ts";
import { formatStamp, isProofPath, stemOf } from "./backup-folder.ts";
import { judgeManifest, type ProofKeys, signRecord } from "./manifest-proof.ts";
import { piecesOf, type Storage } from "./storage.ts";

/** What a proof has to be of. */
export interface ProofSubject {
  readonly id: string;
  /** Of the manifest's bytes, as manifestDigest() gives it. */
  readonly digest: string;
  /** As ageRecipients() gives them: one of them must have written the proof. Empty: nobody can prove it. */
  readonly recipients: readonly string[];
}

/** Checks of a backup that are told by files beside it. */
export interface ProofHistory {
  /** Newest first. */
  readonly proofs: readonly BackupProof[];
  /** Files that count for nothing, by their paths from the storage's root. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
}

export const noProofs: ProofHistory = { proofs: [], refused: [] };

/** What could not be checked in part says neither that a backup is good nor that it is not. */
export function isDecided({ outcome }: BackupProof): boolean {
  return outcome !== "partly";
}

/** One is a few hundred bytes. */
const mostBytes = 64 * 1024;
/** A backup that is checked each night for years has a thousand. */
const mostRead = 2000;
const proofsAtOnce = 16;

/** SHA-256 of a manifest's bytes. */
export function manifestDigest(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** @param digest of its manifest */
export function subjectOf({ id, encryption }: Manifest, digest: string): ProofSubject {
  return { id, digest, recipients: ageRecipients(encryption?.recipients ?? []) };
}

/**
 * Writes what a check found, as a file of its own. Replaces nothing.
 * @param keys proves it where they hold one that the backup is encrypted for
 * @returns its path
 * @throws storage.*
 */
export async function writeProof(
  storage: Storage,
  manifestPath: string,
  subject: ProofSubject,
  found: Omit<BackupProof, "proofVersion" | "backupId" | "manifestSha256" | "proof">,
  keys: ProofKeys | undefined,
): Promise<string> {
  const proof = { proofVersion: 1, backupId: subject.id, manifestSha256: subject.digest, ...found } as const;
  const signed = await sign(proof, subject.recipients, keys);
  const path = `${stemOf(manifestPath)}.proof.${formatStamp(new Date(found.at))}-${randomBytes(4).toString("hex")}.json`;
  const bytes = Buffer.from(`${JSON.stringify(signed, null, 2)}\n`);
  await storage.write(path, piecesOf(bytes), { ifAbsent: true, expectedBytes: bytes.length });
  return path;
}

async function sign(
  proof: BackupProof,
  recipients: readonly string[],
  keys: ProofKeys | undefined,
): Promise<BackupProof> {
  for (const recipient of recipients) {
    // oxlint-disable-next-line no-await-in-loop -- one question at a time: a locked keychain opens a window for each
    const key = await keys?.proofKeyOf(recipient).catch(() => null);
    if (key) return signRecord(proof, key, recipient);
  }
  return proof;
}

/**
 * Reads the files of a backup's checks, each held to the backup that it lies beside. One that is damaged, of another backup,
 * or not written by who could have checked it, counts for nothing and is told.
 * @param paths as proofsOf() gives them
 * @param isEnough of the proofs that count, whether older ones are not asked for; left out: all are read
 * @throws the signal's reason alone
 */
export async function readProofs(
  storage: Storage,
  subject: ProofSubject,
  paths: readonly string[],
  keys: ProofKeys | undefined,
  {
    signal,
    isEnough,
  }: { readonly signal: AbortSignal; readonly isEnough?: ((proof: BackupProof) => boolean) | undefined },
): Promise<ProofHistory> {
  const proofs: BackupProof[] = [];
  const refused: { path: string; why: string }[] = [];
  // Where one may be enough it is the first as a rule.
  const atOnce = isEnough === undefined ? proofsAtOnce : 1;
  const most = Math.min(paths.length, mostRead);
  let isDone = false;
  for (let at = 0; at < most && !isDone; at += atOnce) {
    const some = paths.slice(at, Math.min(at + atOnce, most));
    // oxlint-disable-next-line no-await-in-loop -- several at once where all are wanted
    const found = await Promise.all(some.map((path) => readProof(storage, subject, path, keys, signal)));
    for (const [index, proof] of found.entries())
      if (typeof proof === "string") refused.push({ path: some[index] ?? "", why: proof });
      else {
        proofs.push(proof);
        isDone ||= isEnough?.(proof) ?? false;
      }
  }
  return { proofs: proofs.toSorted((one, other) => (one.at < other.at ? 1 : -1)), refused };
}

/** The proof, or why it is none. */
async function readProof(
  storage: Storage,
  subject: ProofSubject,
  path: string,
  keys: ProofKeys | undefined,
  signal: AbortSignal,
): Promise<BackupProof | string> {
  // Loaded when first needed: most lists hold no check, and the checker is half of a command's start-up time.
  const { backupProofSchema } = await import("../../shared/contract/backup-proof.ts");
  let value: unknown;
  try {
    const bytes = await storage.read(path, { length: mostBytes, signal });
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    signal.throwIfAborted();
    return "it cannot be read";
  }
  const parsed = backupProofSchema.safeParse(value);
  if (!parsed.success) return "it is damaged";
  const { data } = parsed;
  if (data.backupId !== subject.id) return "it is of another backup";
  if (data.manifestSha256 !== subject.digest) return "it is of another manifest";
  if (subject.recipients.length === 0) return data;
  if (data.proof === undefined || !subject.recipients.includes(data.proof.key))
    return "it was written without the backup's key";
  const standing = await judgeManifest(value, keys);
  if (standing === "proved") return data;
  return standing === "changed" ? "it is not as it was written" : "the backup's key is not here to check it";
}

/** Of all paths of a listing, the files of checks by the path of the manifest that they lie beside, newest first. */
export function proofsByManifest(paths: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    if (!isProofPath(path)) continue;
    const manifest = `${path.slice(0, path.lastIndexOf(".proof."))}.manifest.json`;
    const own = found.get(manifest) ?? [];
    own.push(path);
    found.set(manifest, own);
  }
  for (const own of found.values()) own.sort((one, other) => (one < other ? 1 : -1));
  return found;
}
