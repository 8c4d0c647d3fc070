import { describe, expect, it } from "vitest";
import {
  choose,
  draftOf,
  emptyDraft,
  findStorageFaults,
  questionsOf,
  type StorageDraft,
  storageOf,
} from "../../../renderer/features/storage/storage-draft.ts";
import { storageMethods } from "../../../shared/contract/storage-methods.ts";
import { storageAddress } from "../../../shared/storage/location.ts";
import { storagePresets } from "../../../shared/storage/presets.ts";

const filled: StorageDraft = {
  ...emptyDraft,
  name: "offsite",
  bucket: "backups",
  prefix: "/db/",
  region: "eu-central-1",
  account: "0123456789abcdef0123456789abcdef",
  endpoint: "https://s3.example.org",
  accessKeyId: "AKIA",
  secret: "hush",
  path: "/mnt/nas",
  host: "nas",
  user: "me",
};
const choices = [...storagePresets.map(({ id }) => id), "other", "folder", "sftp"];
const viewOf = (draft: StorageDraft) => {
  const { name, preset, settings } = storageOf(draft);
  return { name, preset, settings, address: storageAddress(settings), retention: null, usedBy: [] };
};

const questions = (choice: string) => questionsOf({ ...emptyDraft, choice });

describe("a storage's draft", () => {
  it.each(choices)("of %s becomes what the services take, and comes back as it was", (choice) => {
    const draft = choose(filled, choice);
    expect([...findStorageFaults(draft, true)]).toEqual([]);
    const storage = storageOf(draft);
    expect(storageMethods["storages.save"].args.safeParse({ storage, isNew: true }).error).toBeUndefined();
    expect(JSON.stringify(storage)).not.toContain("hush");
    expect(storageOf(draftOf(viewOf(draft)))).toEqual(storage);
  });

  it("keeps class, encryption and rate of a saved one, and refuses a rate that is none", () => {
    const draft: StorageDraft = {
      ...choose(filled, "aws"),
      storageClass: "GLACIER_IR",
      encryption: "aws:kms",
      encryptionKey: "alias/backups",
      rate: "5 MB/s",
    };
    const storage = storageOf(draft);
    expect(storage.settings).toMatchObject({
      storageClass: "GLACIER_IR",
      serverSideEncryption: { method: "aws:kms", keyId: "alias/backups" },
      maxBytesPerSecond: 5_000_000,
    });
    expect(storageMethods["storages.save"].args.safeParse({ storage, isNew: true }).error).toBeUndefined();
    expect(storageOf(draftOf(viewOf(draft)))).toEqual(storage);
    const sftp = { ...choose(filled, "sftp"), rate: "2MiB/s" };
    expect(storageOf(sftp).settings).toMatchObject({ maxBytesPerSecond: 2_097_152 });
    expect(storageOf(draftOf(viewOf(sftp)))).toEqual(storageOf(sftp));
    expect(findStorageFaults({ ...draft, rate: "fast" }, true).get("rate")).toBe("rate");
    expect(Object.keys(storageOf(choose(filled, "aws")).settings)).not.toContain("serverSideEncryption");
  });

  it("asks for what a service needs and no more", () => {
    expect(questions("r2")).toEqual(["account"]);
    expect(questions("b2")).toEqual(["region"]);
    expect(questions("minio")).toEqual(["endpoint"]);
    expect(questions("aws")).toEqual(["region"]);
    expect(questions("other")).toEqual(["endpoint", "region"]);
  });

  it("takes a pasted s3:// address apart", () => {
    const settings = storageOf({ ...filled, bucket: "s3://backups/a/b/", prefix: "" }).settings;
    expect(settings).toMatchObject({ bucket: "backups", prefix: "a/b" });
  });

  it("says which fields are missing or wrong; a saved one keeps its secret", () => {
    expect([...findStorageFaults(emptyDraft, true).keys()].toSorted()).toEqual(
      ["accessKeyId", "bucket", "name", "secret"].toSorted(),
    );
    expect(findStorageFaults({ ...filled, secret: "" }, false).size).toBe(0);
    expect(findStorageFaults({ ...filled, name: "-x" }, true).get("name")).toBe("name");
    expect(findStorageFaults({ ...filled, choice: "minio", endpoint: "minio:9000" }, true).get("endpoint")).toBe(
      "endpoint",
    );
    expect(findStorageFaults({ ...filled, choice: "sftp", port: "70000" }, true).get("port")).toBe("port");
    expect(findStorageFaults({ ...filled, choice: "sftp", authentication: "key" }, true).get("keyFile")).toBe(
      "missing",
    );
  });
});
