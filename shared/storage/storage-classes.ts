/** Storage classes of S3 that a backup's data can be put into; manifests stay in the usual one, to be read at any time. */
export const storageClasses = [
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
] as const;

/** Whether objects of a class have to be thawed before they can be read (GLACIER_IR's do not). */
export function isArchiveClass(storageClass: string | undefined): boolean {
  return storageClass === "GLACIER" || storageClass === "DEEP_ARCHIVE";
}
