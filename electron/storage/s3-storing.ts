import type { S3Settings } from "../../shared/storage/settings.ts";

/** A backup's own data; what is beside it (manifests, pins, indexes) has to be read at any time. */
const DATA = /_\d{8}T\d{6}Z\.(?!manifest\.json$|pin$)[^/]/;

/** How an object is to be kept, in the words of PutObject and CreateMultipartUpload. */
export function storingOptions({ storageClass, serverSideEncryption }: S3Settings, path: string) {
  return {
    ...(storageClass === undefined || !DATA.test(path) ? {} : { StorageClass: storageClass }),
    ...(serverSideEncryption === undefined ? {} : { ServerSideEncryption: serverSideEncryption.method }),
    ...(serverSideEncryption?.method !== "aws:kms" || serverSideEncryption.keyId === null
      ? {}
      : { SSEKMSKeyId: serverSideEncryption.keyId }),
  };
}
