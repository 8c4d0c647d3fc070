import { AppError } from "./app-error.ts";
import type { ErrorCode } from "./catalogue.ts";
import type { Rule, RuleClass, ToolPhase } from "./rule.ts";
import { rulesFor } from "./rules.ts";
import { groupEvents, type RawEvent, type Severity } from "./tool-output.ts";

export type { RuleClass, ToolPhase } from "./rule.ts";

/** One thing a tool said, with what it means where a rule knows it. */
export interface ToolEvent {
  readonly severity: Severity;
  /** The tool's own words, the whole event, bounded. Not to be trusted, and never parsed further. */
  readonly text: string;
  readonly ruleId: string | null;
  readonly code: ErrorCode | "unclassified";
  readonly class: RuleClass | null;
  readonly meaning: string | null;
  readonly remedy: string | null;
  /** What pg_restore was at. */
  readonly tocEntry: { readonly dumpId: number; readonly desc: string } | null;
  /** The SQL that failed, bounded. */
  readonly command: string | null;
}

/** How a tool ended, as runTool tells it. */
export interface EndedTool {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outcome: "exited" | "cancelled" | "stalled" | "timedOut" | "notStarted";
  readonly stderr: string;
  readonly events?: readonly ToolEvent[];
}

/**
 * Errors, warnings and notices in what a tool wrote, in order. What no rule knows stays "unclassified" with the tool's
 * own words; unmarked lines count only where a rule knows them.
 */
export function classifyToolOutput(stderr: string, phase: ToolPhase): ToolEvent[] {
  return groupEvents(stderr).flatMap((raw) => {
    const rule = findRule(raw, phase);
    return rule === null && raw.severity === "notice" ? [] : [describe(raw, rule)];
  });
}

/**
 * Why a tool failed, as one error: the first thing it said that matters, in its rule's words; what follows from it is
 * counted, not told.
 * @param toolName `pg_dump`
 */
export function failureOf(toolName: string, exit: EndedTool, phase: ToolPhase): AppError {
  if (exit.outcome === "notStarted") return notStarted(toolName, exit.stderr);
  if (exit.outcome === "cancelled") return new AppError("job.cancelled", `${toolName} was cancelled.`);
  if (exit.outcome === "stalled")
    return new AppError("tool.stalled", `${toolName} did nothing for too long and was ended.`, {
      detail: lastLines(exit.stderr),
    });
  if (exit.outcome === "timedOut")
    return new AppError("tool.stalled", `${toolName} took longer than it is allowed to and was ended.`, {
      detail: lastLines(exit.stderr),
    });

  const errors = (exit.events ?? classifyToolOutput(exit.stderr, phase)).filter(({ severity }) => severity === "error");
  const first = errors.find((event) => event.class !== "info") ?? errors[0];
  if (first === undefined) return unexplained(toolName, exit);
  const more = errors.length - 1;
  const detail = more === 0 ? first.text : `${first.text}\n(${more} more ${more === 1 ? "error" : "errors"} with it)`;
  if (first.code === "unclassified" || first.meaning === null)
    return new AppError("tool.failed", `${toolName} failed: ${headline(first.text)}`, { detail });
  return new AppError(first.code, first.meaning, { detail, hint: first.remedy ?? undefined });
}

function findRule(raw: RawEvent, phase: ToolPhase): Rule | null {
  const candidates = rulesFor(phase);
  return firstMatch(candidates, raw.message) ?? (raw.text === raw.message ? null : firstMatch(candidates, raw.text));
}

function firstMatch(candidates: readonly Rule[], text: string): Rule | null {
  const first = candidates.find((rule) => rule.pattern.test(text)) ?? null;
  if (first?.cause !== "inDetail") return first;
  return candidates.find((rule) => rule !== first && rule.pattern.test(text)) ?? first;
}

function describe(raw: RawEvent, rule: Rule | null): ToolEvent {
  return {
    severity: raw.severity,
    text: rule === null ? raw.text : withoutSecrets(rule.id, raw.text),
    ruleId: rule?.id ?? null,
    code: rule?.code ?? "unclassified",
    class: rule?.class ?? null,
    meaning: rule?.meaning ?? null,
    remedy: rule?.remedy ?? null,
    tocEntry: raw.tocEntry,
    command: raw.command,
  };
}

/** libpq repeats the part of a connection string it cannot read, which may be the password (seen with 15.18). */
function withoutSecrets(ruleId: string, text: string): string {
  if (ruleId === "C30")
    return "The connection string could not be read. (Its text is not shown, as it may hold the password.)";
  if (ruleId === "C03") return text.replaceAll(/host name "[^"]*@/g, 'host name "…@');
  return text;
}

function notStarted(toolName: string, reason: string): AppError {
  if (reason.includes("ENOENT"))
    return new AppError("tool.missing", `${toolName} is not where it was.`, {
      detail: reason,
      hint: "See what is installed with: lifeboat doctor",
    });
  const why = reason.includes("EACCES") ? "it may not be run" : "the system refused";
  return new AppError("tool.failed", `${toolName} could not be started: ${why}.`, { detail: reason });
}

function unexplained(toolName: string, exit: EndedTool): AppError {
  const detail = lastLines(exit.stderr);
  if (exit.signal !== null)
    return new AppError("tool.killed", `${toolName} was ended from outside (${exit.signal}).`, { detail });
  return new AppError("tool.failed", `${toolName} failed with exit code ${exit.exitCode ?? "unknown"}.`, { detail });
}

function headline(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.replace(/^[\w.+-]+: (?:error: )?/, "").slice(0, 300);
}

function lastLines(stderr: string): string | undefined {
  const lines = stderr.slice(-4_000).trimEnd().split("\n").slice(-8).join("\n");
  return lines === "" ? undefined : lines;
}
