import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  ListMultipartUploadsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Secret } from "../../electron/secrets/secret.ts";
import { openS3Storage } from "../../electron/storage/s3-storage.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import type { S3Settings } from "../../shared/storage/settings.ts";
import type { TestRgw } from "./rgw.ts";

/** Settings for a bucket of a test's server, with the server's own key. */
export function bucketSettings(rgw: TestRgw, bucket: string, prefix = "", more: Partial<S3Settings> = {}): S3Settings {
  return {
    kind: "s3",
    bucket,
    prefix,
    endpoint: rgw.endpoint,
    region: "us-east-1",
    style: "auto",
    caFile: null,
    checksums: "auto",
    mostParts: 10_000,
    credentials: { from: "keychain", accessKeyId: rgw.accessKeyId },
    ...more,
  };
}

export function openBucket(
  rgw: TestRgw,
  bucket: string,
  prefix = "",
  more: Partial<S3Settings> = {},
  secret = rgw.secretAccessKey,
): Promise<Storage> {
  return openS3Storage(bucketSettings(rgw, bucket, prefix, more), new Secret(secret), {});
}

function client(rgw: TestRgw): S3Client {
  return new S3Client({
    endpoint: rgw.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: rgw.accessKeyId, secretAccessKey: rgw.secretAccessKey },
  });
}

/** @param locked with Object Lock, and so with versioning */
export async function makeBucket(rgw: TestRgw, bucket: string, locked = false): Promise<void> {
  await client(rgw).send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: locked }));
}

/** Nobody may write keys like this any more. */
export async function denyWriting(rgw: TestRgw, bucket: string, keys: string): Promise<void> {
  const Resource = `arn:aws:s3:::${bucket}/${keys}`;
  const Statement = [{ Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource }];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await client(rgw).send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
}

/** Takes denyWriting back. */
export async function allowWriting(rgw: TestRgw, bucket: string): Promise<void> {
  await client(rgw).send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
}

/** Uploads to a bucket that were begun and not ended, as keys. */
export async function unfinishedUploads(rgw: TestRgw, bucket: string): Promise<string[]> {
  const { Uploads = [] } = await client(rgw).send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads.map(({ Key }) => Key ?? "");
}
