import { catalogue, type ErrorCode } from "./catalogue.ts";

/** An error as it crosses the wire, is stored in a job and is printed by `--json`. */
export interface ErrorValue {
  readonly code: ErrorCode;
  /** What happened, in the user's words, one sentence. */
  readonly message: string;
  /** The tool's or server's own words, or the place in the file; never a secret, never a stack trace. */
  readonly detail?: string;
  /** What to do now. */
  readonly hint?: string;
}

/** The one error class that services throw on purpose. Anything else that escapes is a defect. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;

  /**
   * @param options.detail the tool's own words, shown one click away
   * @param options.hint what to do; the catalogue's default where left out
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { detail?: string | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint ?? catalogue[code] ?? undefined;
  }

  toValue(): ErrorValue {
    return {
      code: this.code,
      message: this.message,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** Any thrown thing as an ErrorValue; what is not an AppError becomes `internal.unexpected` with its message as detail. */
export function toErrorValue(thrown: unknown): ErrorValue {
  if (thrown instanceof AppError) return thrown.toValue();
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError("internal.unexpected", "Something went wrong inside Lifeboat.", { detail }).toValue();
}
