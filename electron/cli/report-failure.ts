import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import { visibleLines } from "../../shared/text/visible-text.ts";
import type { Output } from "./output.ts";
import { type Invocation, UsageError, usageLine } from "./program.ts";

/**
 * Says what went wrong, as JSON on stdout under --json and for people on stderr without it, and gives the exit code:
 * 2 for wrong usage, 130 where the person stopped it, else 1.
 */
export function reportFailure(
  thrown: unknown,
  out: Output,
  run: { readonly invocation: Invocation; readonly interrupted: boolean },
): 1 | 2 | 130 {
  const error = run.interrupted && isAbort(thrown) ? cancelledByPerson : toErrorValue(thrown);
  const wrongUsage = error.code === "usage.invalid" || error.code.endsWith(".optionConflict");
  if (out.json) documentFailure(error, out);
  if (!out.json) out.note(describeFailure(error, wrongUsage ? usageOf(thrown, run.invocation) : null, out));
  // LIFEBOAT_DEBUG is for those who mend Lifeboat; nobody else should have to read a stack trace.
  if (process.env["LIFEBOAT_DEBUG"] === "1") out.note(String(thrown instanceof Error ? thrown.stack : thrown));
  if (wrongUsage) return 2;
  return run.interrupted || error.code === "job.cancelled" ? 130 : 1;
}

/** The --json document of a failure, unless the result is out already. */
export function documentFailure(error: ErrorValue, out: Output): void {
  const { code, message, detail = null, hint = null } = error;
  if (!out.documented) out.document({ error: { code, message, detail, hint } });
}

/** What a run that the person stopped is told as. */
export const cancelledByPerson: ErrorValue = { code: "job.cancelled", message: "Cancelled." };

/** What happened; the tool's own words, indented; what to do. */
export function describeFailure(error: ErrorValue, usage: string | null, out: Pick<Output, "styleNote">): string {
  const detail = error.detail === undefined ? [] : visibleLines(error.detail.trimEnd()).split("\n");
  return [
    `${out.styleNote("bad", "lifeboat:")} ${visibleLines(error.message)}`,
    ...detail.map((line) => out.styleNote("dim", `  ${line}`)),
    ...(usage === null ? [] : [usage]),
    ...(error.hint === undefined ? [] : [visibleLines(error.hint)]),
  ].join("\n");
}

function usageOf(thrown: unknown, { command }: Invocation): string | null {
  if (thrown instanceof UsageError) return thrown.usage;
  return command === null ? null : usageLine(command);
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || ("code" in thrown && thrown.code === "ABORT_ERR"));
}
