import type { S3Settings } from "../../shared/storage/settings.ts";

/** A backup's own data; what is beside it (manifests, pins, indexes) has to be read at any time. */
const DATA = /_\d{8}T\d{6}Z\.(?!manifest\.json$|pin$)[^/]/;
/** What a backup cannot do without. Pins come and go. */
const OF_BACKUP = /_\d{8}T\d{6}Z\.(manifest\.json$|globals\.|dir\/|dump|tar|sql)/;

const dayMs = 24 * 60 * 60 * 1000;

/** As PutObject and CreateMultipartUpload take it. */
export interface Storing {
  readonly StorageClass?: NonNullable<S3Settings["storageClass"]>;
  readonly ServerSideEncryption?: NonNullable<S3Settings["serverSideEncryption"]>["method"];
  readonly SSEKMSKeyId?: string;
  readonly ObjectLockMode?: NonNullable<S3Settings["lock"]>["mode"];
  readonly ObjectLockRetainUntilDate?: Date;
}

/** How an object is to be kept. */
export function storingOptions(
  { storageClass, serverSideEncryption, lock }: S3Settings,
  path: string,
  now: Date = new Date(),
): Storing {
  return {
    ...(storageClass === undefined || !DATA.test(path) ? {} : { StorageClass: storageClass }),
    ...(serverSideEncryption === undefined ? {} : { ServerSideEncryption: serverSideEncryption.method }),
    ...(serverSideEncryption?.method !== "aws:kms" || serverSideEncryption.keyId === null
      ? {}
      : { SSEKMSKeyId: serverSideEncryption.keyId }),
    ...(lock === undefined || !OF_BACKUP.test(path)
      ? {}
      : {
          ObjectLockMode: lock.mode,
          ObjectLockRetainUntilDate: new Date(now.getTime() + lock.days * dayMs),
        }),
  };
}
