import { mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { openS3Storage } from "../../../electron/storage/s3-storage.ts";
import type { S3Settings } from "../../../shared/storage/settings.ts";

let base: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "lifeboat-identify-")));
  vi.stubEnv("AWS_CONFIG_FILE", join(base, "config"));
  for (const name of ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"]) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true, force: true });
});

async function bucketAt(endpoint: string | null, prefix = "", env: NodeJS.ProcessEnv = {}): Promise<string> {
  const settings: S3Settings = {
    kind: "s3",
    bucket: "vault",
    prefix,
    endpoint,
    region: "us-east-1",
    style: "auto",
    caFile: null,
    checksums: "auto",
    mostParts: 10_000,
    credentials: { from: "chain", profile: null },
  };
  const storage = await openS3Storage(settings, null, env);
  try {
    return await storage.identify();
  } finally {
    await storage.close();
  }
}

describe("what manifests call a place", () => {
  it("is of a folder its real path on this machine", async () => {
    await symlink(base, join(base, "link"));
    expect(await createLocalStorage(base).identify()).toBe(`${hostname()}:${base}`);
    expect(await createLocalStorage(join(base, "link")).identify()).toBe(`${hostname()}:${base}`);
    expect(await createLocalStorage(join(base, "new")).identify()).toBe(`${hostname()}:${join(base, "new")}`);
  });

  it("is of a bucket where it is at its service, without what logs in there", async () => {
    expect(await bucketAt(null)).toBe("https://s3.amazonaws.com/vault");
    expect(await bucketAt("https://minio.example:9000/", "db/shop")).toBe("https://minio.example:9000/vault/db/shop");
    expect(await bucketAt("https://me:secret@minio.example:443/s3/")).toBe("https://minio.example/s3/vault");
    expect(await bucketAt(null, "", { AWS_ENDPOINT_URL_S3: "https://other.example" })).toBe(
      "https://other.example/vault",
    );
  });

  it("is so of a bucket whose service AWS's configuration file names", async () => {
    await writeFile(join(base, "config"), "[default]\nendpoint_url = https://minio.example:9000\n");
    expect(await bucketAt(null)).toBe("https://minio.example:9000/vault");
  });
});
