import { describe, expect, it } from "vitest";
import { deriveProofKey } from "../../../electron/encryption/proof-key.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { examineManifest, parseManifest } from "../../../electron/storage/backup-folder.ts";
import {
  canonicalBytes,
  judgeManifest,
  type ProofKeys,
  signManifest,
} from "../../../electron/storage/manifest-proof.ts";
import { type Manifest, manifestSchema } from "../../../shared/contract/manifest.ts";

const identity = new Secret("AGE-SECRET-KEY-1QQPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQYPQQXYZ6Y");
const key = deriveProofKey(identity);
const keys: ProofKeys = { proofKeyOf: (recipient) => Promise.resolve(recipient === "age1me" ? key : null) };
const path = "shop/shop_20261121T020000Z.manifest.json";
const sha256 = "0".repeat(64);

const manifest: Manifest = {
  manifestVersion: 1,
  id: "20261121020000-00000000",
  database: "shop",
  startedAt: "2026-11-21T02:00:00.000Z",
  endedAt: "2026-11-21T02:00:10.000Z",
  format: "custom",
  compression: { method: "gzip", level: null },
  server: {
    version: "15.18",
    versionNum: 150018,
    systemIdentifier: null,
    databaseOid: null,
    encoding: "UTF8",
    collate: null,
    host: "localhost",
    port: 5432,
  },
  tool: { name: "pg_dump", version: "15.18" },
  lifeboatVersion: "0.1.0",
  command: ["pg_dump"],
  options: {},
  encryption: { method: "age", recipients: ["age1me"] },
  files: [
    { path: "shop_20261121T020000Z.dump.age", role: "archive", sizeBytes: 1, sha256, chunkBytes: 4194304, chunks: [] },
  ],
  tocBytes: null,
  tocEntries: null,
  data: [],
  warnings: [],
  previousId: null,
};
const signed = signManifest(manifest, key, "age1me");
const standing = async (value: unknown, at = path) => (await examineManifest(JSON.stringify(value), at, keys)).standing;

describe("a manifest's proof", () => {
  it("is of canonical bytes that never change", () => {
    expect(canonicalBytes({ b: [1, { d: "ü", c: null }], proof: 7, a: true }).toString()).toBe(
      '{"a":true,"b":[1,{"c":null,"d":"ü"}]}',
    );
    // Computed by Python's hmac: backups made by an older Lifeboat are proved by the newest.
    expect(Buffer.from(key).toString("hex")).toBe("fe48b09aee97281623b5d0e7a30ccbf7bf8dd62228e64d5291670dd9aadfa0ad");
    expect(signed.proof?.mac).toBe("9d706f16ed070071cc9a8c3a38e5e8f562d1aaed28a78e1375a21da34464cbb2");
  });

  it("holds in whatever order and with whatever spaces it is written", async () => {
    const turned = Object.fromEntries(Object.entries(signed).toReversed());
    expect(await judgeManifest(JSON.parse(JSON.stringify(turned, null, 7)), keys)).toBe("proved");
    expect(await standing(signed)).toBe("proved");
  });

  it("covers every field, also those that this version does not know", async () => {
    const changes: unknown[] = [
      { ...signed, id: "20261121020000-11111111" },
      { ...signed, previousId: "20261120020000-00000000" },
      { ...signed, files: [{ ...manifest.files[0], sizeBytes: 2 }] },
      { ...signed, fromTheFuture: 1 },
      { ...signed, proof: { ...signed.proof, mac: sha256 } },
    ];
    for (const changed of changes) {
      expect(await standing(changed)).toBe("changed");
      await expect(parseManifest(JSON.stringify(changed), path, keys)).rejects.toMatchObject({
        code: "backup.manifestChanged",
      });
    }
  });

  it("is wrong in the place of another backup", async () => {
    const elsewhere = "shop/shop_20261122T020000Z.manifest.json";
    expect(await standing(signed, elsewhere)).toBe("changed");
    await expect(parseManifest(JSON.stringify(signed), elsewhere, keys)).rejects.toMatchObject({
      message: expect.stringContaining("manifest of another backup"),
    });
  });

  it("is told as missing, or as not to be checked here", async () => {
    expect(await standing(manifest)).toBe("unproved");
    expect(await standing(signManifest(manifest, key, "age1other"))).toBe("unchecked");
    const locked: ProofKeys = { proofKeyOf: () => Promise.reject(new Error("locked")) };
    expect(await judgeManifest(signed, locked)).toBe("unchecked");
    expect(await judgeManifest(signed, undefined)).toBe("unchecked");
    expect(await parseManifest(JSON.stringify(manifest), path, keys)).toEqual(manifest);
  });

  it("does not disturb a reader that knows nothing of it", () => {
    const { proof: _proof, previousId: _id, previousIn: _in, tocDigest: _digest, ...before } = manifestSchema.shape;
    const old = manifestSchema.omit({ proof: true, previousId: true, previousIn: true, tocDigest: true });
    expect(Object.keys(old.shape)).toEqual(Object.keys(before));
    expect(old.parse(JSON.parse(JSON.stringify(signed)))).toMatchObject({ id: manifest.id });
  });
});
