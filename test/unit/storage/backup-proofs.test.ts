import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveProofKey } from "../../../electron/encryption/proof-key.ts";
import { locateHome } from "../../../electron/home.ts";
import { deleteBackup } from "../../../electron/retention/delete-backup.ts";
import { planPrune } from "../../../electron/retention/plan-prune.ts";
import { listRetained } from "../../../electron/retention/retained-backups.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { listBackups, loadBackup } from "../../../electron/storage/backup-folder.ts";
import {
  isDecided,
  manifestDigest,
  type ProofSubject,
  proofsByManifest,
  readProofs,
  subjectOf,
  writeProof,
} from "../../../electron/storage/backup-proofs.ts";
import { copyBackup } from "../../../electron/storage/copy-backup.ts";
import { lastProofOf, loadProofs, readListedProofs } from "../../../electron/storage/listed-proofs.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import type { ProofKeys } from "../../../electron/storage/manifest-proof.ts";
import type { Storage } from "../../../electron/storage/storage.ts";
import { summarizeManifest } from "../../../shared/contract/backup-summary.ts";
import { pathsIn, putBackup } from "../../helpers/stored-backup.ts";

const key = deriveProofKey(new Secret("AGE-SECRET-KEY-1QQPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQQXYZ6Y"));
const keys: ProofKeys = { proofKeyOf: (recipient) => Promise.resolve(recipient === "age1me" ? key : null) };
const noKeys: ProofKeys = { proofKeyOf: () => Promise.resolve(null) };
const { signal } = new AbortController();
const good = {
  at: "2026-11-22T02:00:00.000Z",
  level: "read",
  outcome: "good",
  tables: 2,
  rows: 30,
  error: null,
  lifeboatVersion: "0.1.0",
  machine: "nas",
} as const;
const bad = {
  ...good,
  outcome: "bad",
  error: { code: "verify.checksumMismatch", message: "It was changed." },
} as const;

let folder: string;
let storage: Storage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-proofs-"));
  storage = createLocalStorage(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function made(startedAt: string, recipients: readonly string[] = []) {
  const { id, path, files } = await putBackup(storage, startedAt);
  const subject: ProofSubject = { id, digest: manifestDigest(await readFile(join(folder, path))), recipients };
  return { path, files, subject };
}

async function historyOf(path: string, subject: ProofSubject, known: ProofKeys | undefined) {
  const own = proofsByManifest(await pathsIn(storage)).get(path) ?? [];
  return readProofs(storage, subject, own, known, { signal });
}

describe("what checks of a backup found", () => {
  it("stands beside it, each in a file of its own, newest first", async () => {
    const { path, subject } = await made("2026-11-21T02:00:00Z");
    const first = await writeProof(storage, path, subject, good, undefined);
    const second = await writeProof(storage, path, subject, { ...bad, at: "2026-11-23T02:00:00.000Z" }, undefined);
    expect(first).toMatch(/^shop\/shop_20261121T020000Z\.proof\.20261122T020000Z-[0-9a-f]{8}\.json$/);
    expect(second).not.toBe(first);
    const { proofs, refused } = await historyOf(path, subject, undefined);
    expect(refused).toEqual([]);
    expect(proofs).toMatchObject([bad, good].map(({ outcome, error }) => ({ outcome, error })));
    const enough = await readProofs(storage, subject, [second, first], undefined, { signal, isEnough: isDecided });
    expect(enough.proofs).toHaveLength(1);
    const listing = await listBackups(folder);
    expect(listing).toMatchObject({ unfinished: [], withoutManifest: [], unreadable: [] });
    expect(listing.proofs).toHaveLength(2);
    const backups = listing.backups.map(({ manifest, ...place }) => ({
      summary: summarizeManifest(manifest),
      ...place,
    }));
    const found = await readListedProofs(storage, { backups, proofs: listing.proofs }, undefined, {
      signal,
      history: false,
    });
    expect(lastProofOf(found.get(join(folder, path)))).toMatchObject({
      outcome: "bad",
      at: "2026-11-23T02:00:00.000Z",
    });
  });

  it("of an encrypted backup counts where it was written with its key, and nothing was changed since", async () => {
    const { path, subject } = await made("2026-11-21T02:00:00Z", ["age1you", "age1me"]);
    const file = join(folder, await writeProof(storage, path, subject, good, keys));
    expect((await historyOf(path, subject, keys)).proofs).toMatchObject([{ rows: 30, proof: { key: "age1me" } }]);
    expect(await historyOf(path, subject, noKeys)).toMatchObject({
      proofs: [],
      refused: [{ why: "the backup's key is not here to check it" }],
    });
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"rows": 30', '"rows": 31'));
    expect(await historyOf(path, subject, keys)).toMatchObject({
      proofs: [],
      refused: [{ why: "it is not as it was written" }],
    });
    await rm(file);
    await writeProof(storage, path, subject, good, noKeys);
    expect(await historyOf(path, subject, keys)).toMatchObject({
      proofs: [],
      refused: [{ why: "it was written without the backup's key" }],
    });
  });

  it("of one that gpg encrypted counts as of one that is not encrypted: gpg's keys prove nothing", async () => {
    const { path } = await putBackup(storage, "2026-11-21T02:00:00Z", {
      changes: { encryption: { method: "gpg", recipients: ["21095CD189A9FCC620A79B7211833CCB9E85F612"] } },
    });
    const { manifest, digest } = await loadBackup(join(folder, path));
    await writeProof(storage, path, subjectOf(manifest, digest), good, keys);
    const { backups, proofs } = await listBackups(folder);
    const listed = backups.map((backup) => ({ ...backup, summary: summarizeManifest(backup.manifest) }));
    const found = await readListedProofs(storage, { backups: listed, proofs }, keys, { signal, history: true });
    expect(found.get(join(folder, path))).toMatchObject({ proofs: [{ outcome: "good" }], refused: [] });
    const access = { home: locateHome({ LIFEBOAT_HOME: join(folder, "home") }), env: {} };
    const archive = backups[0]?.archivePath ?? "";
    expect(await loadProofs(archive, access, keys, signal)).toMatchObject({ proofs: [{ rows: 30 }], refused: [] });
  });

  it("counts for nothing where it is another backup's, another manifest's, or damaged", async () => {
    const one = await made("2026-11-21T02:00:00Z");
    const other = await made("2026-11-22T02:00:00Z");
    await writeProof(storage, one.path, other.subject, good, undefined);
    await writeProof(storage, one.path, { ...one.subject, digest: "0".repeat(64) }, good, undefined);
    const cut = join(folder, await writeProof(storage, one.path, one.subject, good, undefined));
    await writeFile(cut, "{");
    const strange = join(folder, await writeProof(storage, one.path, one.subject, good, undefined));
    await writeFile(strange, '{"proofVersion":1}');
    const { proofs, refused } = await historyOf(one.path, one.subject, undefined);
    expect(proofs).toEqual([]);
    expect(refused.map(({ why }) => why).toSorted()).toEqual([
      "it cannot be read",
      "it is damaged",
      "it is of another backup",
      "it is of another manifest",
    ]);
  });

  it("keeps the last proved backup, wherever it was proved, and goes with the backup", async () => {
    const old = await made("2026-11-01T02:00:00Z");
    const newer = await made("2026-11-02T02:00:00Z");
    await made("2026-11-03T02:00:00Z");
    const plan = async () => {
      const choice = { keep: "last 1", database: null, timeZone: "UTC" };
      const now = new Date("2026-11-04T00:00:00Z");
      const { backups } = await planPrune(storage, choice, [], { signal, keys: noKeys, now });
      return backups.filter(({ verdict }) => verdict === "due").map(({ path }) => path);
    };
    expect((await plan()).toSorted()).toEqual([old.path, newer.path]);
    await writeProof(storage, newer.path, newer.subject, good, undefined);
    expect(await plan()).toEqual([old.path]);
    // Found damaged since: what is proved is another one, and what is bad is no backup to count on.
    await writeProof(storage, newer.path, newer.subject, { ...bad, at: "2026-11-23T02:00:00.000Z" }, undefined);
    await writeProof(storage, old.path, old.subject, good, undefined);
    expect(await plan()).not.toContain(old.path);

    const { backups } = await listRetained(storage, new Map(), signal);
    const retained = backups.find(({ manifestFile }) => manifestFile.path === newer.path);
    expect(retained?.proofs).toHaveLength(2);
    expect(retained && (await deleteBackup(storage, retained))).toBeNull();
    expect((await pathsIn(storage)).filter((path) => path.includes("20261102T"))).toEqual([]);
  });

  it("is loaded for one backup by its archive, the newest first, with the number of those that were not read", async () => {
    const { path, files, subject } = await made("2026-11-21T02:00:00Z");
    await made("2026-11-22T02:00:00Z");
    const archive = join(folder, files[0] ?? "");
    const access = { home: locateHome({ LIFEBOAT_HOME: join(folder, "home") }), env: {} };
    expect(await loadProofs(archive, access, noKeys, signal)).toEqual({ proofs: [], refused: [], olderCount: 0 });
    const first = Date.parse("2026-11-22T00:00:00Z");
    const at = (index: number) => new Date(first + index * 60_000).toISOString();
    for (let index = 0; index < 203; index += 1)
      await writeProof(storage, path, subject, { ...good, at: at(index) }, undefined);
    const found = await loadProofs(archive, access, noKeys, signal);
    expect(found).toMatchObject({ refused: [], olderCount: 3 });
    expect(found.proofs.map((proof) => proof.at)).toEqual(Array.from({ length: 200 }, (_, index) => at(202 - index)));
    await rm(join(folder, path));
    await expect(loadProofs(archive, access, noKeys, signal)).rejects.toMatchObject({ code: "backup.notFound" });
  });

  it("goes along with a copy", async () => {
    const { path, subject } = await made("2026-11-21T02:00:00Z");
    const proof = await writeProof(storage, path, subject, good, undefined);
    const target = createLocalStorage(join(folder, "copies"));
    await copyBackup(storage, path, target, { signal });
    expect(await pathsIn(target)).toContain(proof);
    const own = proofsByManifest(await pathsIn(target)).get(path) ?? [];
    expect((await readProofs(target, subject, own, undefined, { signal })).proofs).toHaveLength(1);
  });
});
