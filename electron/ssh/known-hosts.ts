import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { matchesPatterns } from "../../shared/profile/ssh-config.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: "@revoked" | "@cert-authority" | null;
  /** As written: `db.example.org,10.0.0.7`, `[db.example.org]:2222`, or hashed, `|1|salt|hash`. */
  readonly names: string;
  readonly keyType: string;
  /** The key in base64. */
  readonly key: string;
  readonly place: string;
}

/** What the files say of a key that a server shows. */
export type Verdict =
  | { readonly kind: "trusted"; readonly place: string }
  | { readonly kind: "unknown"; readonly authority: string | null }
  | { readonly kind: "changed"; readonly place: string }
  | { readonly kind: "revoked"; readonly place: string };

/** The name under which a server stands in known_hosts: bare for port 22, else `[host]:port`. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/**
 * The lines of a known_hosts file; what is no such line is passed over, as ssh does. Two lines as OpenSSH 9.2 writes
 * them: `[127.0.0.1]:2222 ssh-ed25519 AAAAC3Nz…`, `|1|Xf7…=|pQ3…= ecdsa-sha2-nistp256 AAAAE2Vj…`.
 * @param file for `place`
 */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : null;
    const [names, keyType, key] = words;
    if (names === undefined || keyType === undefined || key === undefined || names.startsWith("#")) return [];
    if (marker !== null && marker !== "@revoked" && marker !== "@cert-authority") return [];
    return [{ marker, names, keyType, key, place: `${file}, line ${index + 1}` }];
  });
}

/**
 * Judges a key as ssh does with StrictHostKeyChecking, and more strictly in one case: a server whose known keys are all
 * of other types is a changed one, because the key exchange asks for the known types first (knownKeyTypes).
 * @param name as knownHostName gives it
 * @param key the public key as it goes over the wire
 */
export function judgeHostKey(known: readonly KnownHost[], name: string, key: Buffer): Verdict {
  const encoded = key.toString("base64");
  const lines = known.filter(({ names }) => isMeant(names, name));
  const revoked = lines.find((line) => line.marker === "@revoked" && line.key === encoded);
  if (revoked !== undefined) return { kind: "revoked", place: revoked.place };
  const plain = lines.filter(({ marker }) => marker === null);
  const same = plain.find((line) => line.key === encoded);
  if (same !== undefined) return { kind: "trusted", place: same.place };
  const [other] = plain;
  if (other !== undefined) return { kind: "changed", place: other.place };
  return { kind: "unknown", authority: lines.find(({ marker }) => marker === "@cert-authority")?.place ?? null };
}

/** The key types that are known of a server; it has to be asked for one of them, or it might show another, unknown one. */
export function knownKeyTypes(known: readonly KnownHost[], name: string): string[] {
  const lines = known.filter(({ marker, names }) => marker === null && isMeant(names, name));
  return [...new Set(lines.map(({ keyType }) => keyType))];
}

/** The fingerprint as ssh prints it: `SHA256:` and base64 without its padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a key names itself: `ssh-ed25519`. */
export function keyTypeOf(key: Buffer): string {
  return key.length < 4 ? "" : key.toString("latin1", 4, 4 + Math.min(key.readUInt32BE(0), 64));
}

/**
 * What Lifeboat's own file, the user's and the machine's hold, in this order. Files that are not there hold nothing; one
 * that is there and cannot be read stops us, since it may hold a revoked key.
 * @throws AppError `ssh.configuration`
 */
export async function loadKnownHosts(ownFile: string): Promise<KnownHost[]> {
  const user = join(homedir(), ".ssh");
  const files = [ownFile, join(user, "known_hosts"), join(user, "known_hosts2"), "/etc/ssh/ssh_known_hosts"];
  const lines = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(await readFile(file, "utf8"), file);
      } catch (error) {
        if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
          return [];
        throw new AppError("ssh.configuration", `${file}, which says which SSH servers are known, cannot be read.`, {
          detail: error instanceof Error ? error.message : undefined,
          hint: "Check who may read the file.",
          cause: error,
        });
      }
    }),
  );
  return lines.flat();
}

/** Adds a key that a person chose to trust to Lifeboat's own file; the user's own is never written. */
export async function trustHostKey(ownFile: string, name: string, key: Buffer): Promise<void> {
  await makePrivateFolder(dirname(ownFile));
  await appendFile(ownFile, `${name} ${keyTypeOf(key)} ${key.toString("base64")}\n`, { mode: 0o600 });
}

function isMeant(names: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(names) ?? [];
  if (salt === undefined || hash === undefined) return matchesPatterns(name, names.split(","));
  const wanted = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}
