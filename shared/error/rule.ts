import type { ErrorCode } from "./catalogue.ts";

/** Which part of the work a rule is about. */
export type RulePhase =
  | "any"
  | "dump"
  | "globals"
  | "read"
  | "restore"
  | "verify"
  | "phys"
  | "pitr"
  | "wal"
  | "s3"
  | "local";

/** What is running; it decides which rules are asked. */
export type ToolPhase = Exclude<RulePhase, "any">;

/**
 * What follows from a rule: `fix` the user has to act; `retry` it may go away by itself; `stop` the backup or the target
 * is unusable; `info` usually harmless; `sec` a security event; `bug` Lifeboat asked for something wrong.
 */
export type RuleClass = "fix" | "retry" | "stop" | "info" | "sec" | "bug";

/** One thing a tool can say, and what it means in plain words. */
export interface Rule {
  readonly id: string;
  readonly phase: RulePhase;
  /** Looked for in a whole event: the tool's line with its DETAIL, HINT and other followers. */
  readonly pattern: RegExp;
  /** A line as seen, which the pattern matches. */
  readonly sample: string;
  readonly class: RuleClass;
  readonly code: ErrorCode;
  readonly meaning: string;
  readonly remedy: string;
  /** The line says only where it happened; a rule that matches its detail tells more and is preferred. */
  readonly cause?: "inDetail";
}
