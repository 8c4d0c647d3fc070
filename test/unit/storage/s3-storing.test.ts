import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { settingsOf } from "../../../electron/cli/storage-settings.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { openS3Storage } from "../../../electron/storage/s3-storage.ts";
import { storingOptions } from "../../../electron/storage/s3-storing.ts";
import { piecesOf } from "../../../electron/storage/storage.ts";
import { type S3Settings, s3SettingsSchema } from "../../../shared/storage/settings.ts";

function settingsWith(more: Parameters<typeof settingsOf>[1]): S3Settings {
  const settings = settingsOf("s3://bucket/backups", { accessKeyId: "KEY", ...more });
  if (settings.kind !== "s3") throw new Error("no bucket");
  return s3SettingsSchema.parse(settings);
}

describe("how objects are kept in a bucket", () => {
  it.each([
    ["shop/shop_20261121T020000Z.dump", true],
    ["shop/shop_20261121T020000Z.dump.age", true],
    ["shop_20261121T020000Z.globals.sql", true],
    ["shop/shop_20261121T020000Z.dir/3054.dat.gz", true],
    ["shop/shop_20261121T020000Z.manifest.json", false],
    ["shop/shop_20261121T020000Z.pin", false],
    [".lifeboat/index/shop.json.gz", false],
    ["lifeboat-test-0a1b-small", false],
  ])("%s is data: %s", (path, isData) => {
    const settings = settingsWith({ storageClass: "GLACIER" });
    expect(storingOptions(settings, path)).toEqual(isData ? { StorageClass: "GLACIER" } : {});
  });

  it("is encrypted by the storage where that is set, whatever it is", () => {
    const path = "shop/shop_20261121T020000Z.manifest.json";
    expect(storingOptions(settingsWith({ sse: "AES256" }), path)).toEqual({ ServerSideEncryption: "AES256" });
    expect(storingOptions(settingsWith({ sse: "aws:kms" }), path)).toEqual({ ServerSideEncryption: "aws:kms" });
    expect(storingOptions(settingsWith({ sse: "aws:kms", sseKeyId: "key" }), path)).toEqual({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "key",
    });
    expect(storingOptions(settingsWith({}), path)).toEqual({});
    expect(() => settingsWith({ sse: "AES256", sseKeyId: "key" })).toThrow(
      expect.objectContaining({ code: "usage.invalid" }),
    );
  });

  it("is held for so long where a lock is set, whatever the backup cannot do without", () => {
    const settings = settingsWith({ lockDays: 30 });
    const now = new Date("2026-11-21T02:00:00Z");
    const held = { ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: new Date("2026-12-21T02:00:00Z") };
    const stem = "shop/shop_20261121T020000Z";
    for (const end of [".dump", ".dump.age", ".tar", ".sql.zst", ".dir/toc.dat", ".globals.sql", ".manifest.json"])
      expect(storingOptions(settings, `${stem}${end}`, now), end).toEqual(held);
    for (const path of [`${stem}.pin`, ".lifeboat/index/shop.json.gz", "lifeboat-test-0a1b-small"])
      expect(storingOptions(settings, path, now), path).toEqual({});
    const strict = settingsWith({ lockDays: 1, lockMode: "COMPLIANCE" });
    expect(storingOptions(strict, `${stem}.dump`, now)).toMatchObject({ ObjectLockMode: "COMPLIANCE" });
    expect(() => settingsWith({ lockMode: "COMPLIANCE" })).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });

  it("is asked for in each request that makes an object", async () => {
    const requests: [line: string, headers: IncomingHttpHeaders][] = [];
    // Stands in for a service with these classes, which Ceph's gateway does not have without more daemons.
    const service = createServer((request, answer) => {
      const hash = createHash("md5");
      request.on("data", (piece: Buffer) => hash.update(piece));
      request.on("end", () => {
        requests.push([`${request.method} ${request.url?.replace(/&?x-id=\w+/, "")}`, request.headers]);
        if (request.method === "HEAD" || request.method === "GET") answer.writeHead(404).end();
        else if (request.url?.includes("uploads"))
          answer.end("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
        else answer.writeHead(200, { etag: `"${hash.digest("hex")}"` }).end();
      });
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const address = service.address();
    const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const settings = settingsWith({ endpoint, storageClass: "DEEP_ARCHIVE", sse: "aws:kms", sseKeyId: "key" });
    const storage = await openS3Storage(settings, new Secret("secret"), {});
    // It keeps nothing, so nothing can be read back or completed; the requests are what counts here.
    await storage.write("shop/shop_20261121T020000Z.manifest.json", piecesOf("x")).catch(() => {});
    const large = Array.from({ length: 17 }, () => new Uint8Array(1024 * 1024));
    const options = { expectedBytes: 17 * 1024 * 1024 };
    await storage.write("shop/shop_20261121T020000Z.dump", piecesOf(...large), options).catch(() => {});
    await storage.close();
    service.close();
    const made = requests.filter(([line]) => line.startsWith("PUT") || line.includes("uploads"));
    const headersOf = (part: string) => made.find(([line]) => line.includes(part))?.[1] ?? {};
    expect(headersOf(".manifest.json")).toMatchObject({ "x-amz-server-side-encryption": "aws:kms" });
    expect(headersOf(".manifest.json")["x-amz-storage-class"]).toBeUndefined();
    // A sum that every service understands: Object Lock takes nothing without one.
    expect(headersOf(".manifest.json")["content-md5"]).toBe(createHash("md5").update("x").digest("base64"));
    expect(headersOf("uploads")).toMatchObject({
      "x-amz-storage-class": "DEEP_ARCHIVE",
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "key",
    });
  });
});
