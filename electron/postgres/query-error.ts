import { AppError } from "../../shared/error/app-error.ts";
import { classifyServerError } from "../../shared/error/classify-server-error.ts";
import { isServerError, readThrown } from "./connection-error.ts";

/** SQLSTATEs with which a server ends a session. */
const endings = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "08003", "08006"]);

/** A failed query as an AppError: `postgres.*` with the server's own words as detail, or `connection.lost`. */
export function queryError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = readThrown(thrown);
  if (!isServerError(error) || endings.has(error.code)) {
    return new AppError("connection.lost", "The connection to the server was lost.", {
      detail: error.message,
      cause: thrown,
    });
  }
  const detail = [`${error.severity}: ${error.message} (SQLSTATE ${error.code})`, error.detail, error.hint]
    .filter((line) => line !== "")
    .join("\n");
  const { code, meaning, remedy } = classifyServerError(error.code, `${error.severity}:  ${error.message}`);
  const isKnown = code.startsWith("postgres.") && meaning !== null;
  return new AppError(
    isKnown ? code : "postgres.queryFailed",
    isKnown ? meaning : "The server could not run a query.",
    {
      detail,
      hint: isKnown ? (remedy ?? undefined) : undefined,
      cause: thrown,
    },
  );
}

/** The SQLSTATE behind an AppError of a session, null where the server did not say one. */
export function sqlStateOf(error: unknown): string | null {
  const cause = readThrown(error instanceof AppError ? error.cause : error);
  return isServerError(cause) ? cause.code : null;
}
