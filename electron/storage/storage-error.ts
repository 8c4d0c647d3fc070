import { AppError } from "../../shared/error/app-error.ts";

/** The system's name for what went wrong (`ENOENT`), undefined where the error has none. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/**
 * A file system failure in the user's words: storage.full, storage.permissionDenied, storage.notFound, storage.failed or
 * backup.destinationExists.
 */
export function storageError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const options = { cause: error, detail: error instanceof Error ? error.message : String(error) };
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError("storage.full", `There is no space left for ${path}.`, options);
    case "EACCES":
    case "EPERM":
      return new AppError("storage.permissionDenied", `This user may not use ${path}.`, options);
    case "EROFS":
      return new AppError("storage.permissionDenied", `${path} is on a read-only disk.`, options);
    case "EEXIST":
      return new AppError("backup.destinationExists", `${path} is there already.`, options);
    case "ENOTDIR":
      return new AppError(
        "storage.notFound",
        `${path} cannot be there: a part of it is a file, not a folder.`,
        options,
      );
    case "ENOENT":
      return new AppError("storage.notFound", `There is no ${path}.`, options);
    default:
      return new AppError("storage.failed", `Reading or writing ${path} failed.`, options);
  }
}
