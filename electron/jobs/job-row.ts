import type { ErrorValue } from "../../shared/error/app-error.ts";
import { catalogue, type ErrorCode } from "../../shared/error/catalogue.ts";
import type { CurrentItem, Job, JobKind, JobStep, Progress } from "../../shared/job/job.ts";
import { jobKinds } from "../../shared/job/job.ts";
import { isJobId } from "../../shared/job/job-id.ts";
import { isJobState } from "../../shared/job/transitions.ts";

/** A row of the table `jobs` as SQLite gives it. */
export type JobRow = Record<string, unknown>;

/**
 * The job in a row, or null where it is none of ours: a kind or state this version does not know. JSON columns are checked
 * by hand (zod would cost every command's start); one that is not what it should be is left out rather than the whole job.
 */
export function readJobRow(row: JobRow): Job | null {
  const { id, kind, state } = row;
  if (typeof id !== "string" || !isJobId(id) || !isJobKind(kind) || !isJobState(state)) return null;
  return {
    id,
    kind,
    state,
    title: text(row["title"]) ?? "",
    request: parse(row["request"]),
    createdAt: text(row["created_at"]) ?? "",
    startedAt: text(row["started_at"]),
    endedAt: text(row["ended_at"]),
    owner: {
      host: text(row["owner_host"]) ?? "",
      pid: number(row["owner_pid"]) ?? 0,
      processStart: text(row["owner_start"]) ?? "",
    },
    locks: list(parse(row["locks"]), text),
    steps: list(parse(row["steps"]), readStep),
    progress: readProgress(parse(row["progress"])),
    error: readError(parse(row["error"])),
    result: parse(row["result"]),
    cancelRequestedAt: text(row["cancel_requested_at"]),
    retryOf: typeof row["retry_of"] === "string" && isJobId(row["retry_of"]) ? row["retry_of"] : null,
  };
}

/** A value as a JSON column holds it. What JSON cannot hold (undefined) is null. */
export function toColumn(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function readStep(value: unknown): JobStep | null {
  if (!isObject(value)) return null;
  const [name, startedAt] = [text(value["name"]), text(value["startedAt"])];
  return name === null || startedAt === null ? null : { name, startedAt, endedAt: text(value["endedAt"]) };
}

function readProgress(value: unknown): Progress | null {
  if (!isObject(value)) return null;
  const current = readItem(value["current"]);
  if (value["kind"] === "unmeasured")
    return { kind: "unmeasured", bytes: number(value["bytes"]) ?? 0, rows: number(value["rows"]) ?? 0, current };
  const { unit } = value;
  const [done, total] = [number(value["done"]), number(value["total"])];
  if (value["kind"] !== "measured" || done === null || total === null) return null;
  if (unit !== "bytes" && unit !== "rows" && unit !== "entries") return null;
  return {
    kind: "measured",
    unit,
    done,
    total,
    exact: value["exact"] === true,
    ratePerSecond: number(value["ratePerSecond"]),
    remainingMs: number(value["remainingMs"]),
    current,
  };
}

function readItem(value: unknown): CurrentItem | null {
  if (!isObject(value)) return null;
  return {
    label: text(value["label"]) ?? "",
    rows: number(value["rows"]),
    bytes: number(value["bytes"]),
    totalBytes: number(value["totalBytes"]),
  };
}

function readError(value: unknown): ErrorValue | null {
  if (!isObject(value)) return null;
  const { code } = value;
  const [detail, hint] = [text(value["detail"]), text(value["hint"])];
  return {
    code: isErrorCode(code) ? code : "internal.unexpected",
    message: text(value["message"]) ?? "",
    ...(detail === null ? {} : { detail }),
    ...(hint === null ? {} : { hint }),
  };
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(catalogue, value);
}

function isJobKind(value: unknown): value is JobKind {
  return jobKinds.some((kind) => kind === value);
}

function parse(column: unknown): unknown {
  if (typeof column !== "string") return null;
  try {
    return JSON.parse(column);
  } catch {
    return null;
  }
}

function list<T>(value: unknown, read: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== null) : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
