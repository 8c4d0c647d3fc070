import { AppError } from "../error/app-error.ts";

/** A place in a bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Key or prefix, without slashes at its ends. */
  readonly path: string;
}

export function isS3Location(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/** Reads `s3://bucket/path/to/it`. @throws usage.invalid */
export function parseS3Location(text: string): BucketPlace {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/?#@:]+)(?:\/(.*))?$/is.exec(text) ?? [];
  if (bucket === "")
    throw new AppError("usage.invalid", "This is no place in a bucket.", { hint: "Write it as s3://bucket/path." });
  return { bucket, path: path.replaceAll(/^\/+|\/+$/g, "") };
}

/** The folder and the name of a path with `/`. */
export function splitPath(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf("/");
  return { folder: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) };
}
