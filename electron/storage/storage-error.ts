import { AppError } from "../../shared/error/app-error.ts";

/** A file system failure in the user's words: storage.full, storage.permissionDenied, storage.notFound or storage.failed. */
export function storageError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const options = { cause: error, detail: message };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError("storage.full", `There is no space left for ${path}.`, options);
    case "EACCES":
    case "EPERM":
      return new AppError("storage.permissionDenied", `This user may not use ${path}.`, options);
    case "EROFS":
      return new AppError("storage.permissionDenied", `${path} is on a read-only disk.`, options);
    case "ENOENT":
    case "ENOTDIR":
      return new AppError("storage.notFound", `There is no ${path}.`, options);
    default:
      return new AppError("storage.failed", `Reading or writing ${path} failed.`, options);
  }
}
