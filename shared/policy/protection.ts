import type { BackupView } from "../contract/views.ts";
import type { Job } from "../job/job.ts";
import { formatRelative } from "../text/format.ts";
import { visibleText } from "../text/visible-text.ts";
import { texts } from "./protection-texts.ts";
import { ageRecipients } from "./recipients.ts";
import type { WatchedDatabase } from "./watched-databases.ts";

/**
 * `safe`: backed up within a day, and nothing has failed since. `failed`: the last try ended without a backup. `kit`: it is
 * encrypted, and of none of its keys a recovery kit was tried here, so that with this machine the backups may be lost too.
 */
export type ProtectionState = "safe" | "old" | "failed" | "never" | "kit";

/** The states in a word, for badges and for those who listen. */
export const stateWords: Readonly<Record<ProtectionState, string>> = texts.states;

export interface Protection extends WatchedDatabase {
  readonly state: ProtectionState;
  readonly newest: BackupView | null;
  /** The newest try, where it failed after the newest backup. */
  readonly failure: Job | null;
  /** A backup of it that is under way. */
  readonly running: Job | null;
}

/** A day, and two hours in which a daily backup may be late. */
export const safeAgeMs = 26 * 3_600_000;

/**
 * How well one database is protected at a moment.
 * @param tried recipients of which a recovery kit, or a copy of the private key, was tried here; null: that is not known
 */
export function judge(database: WatchedDatabase, nowMs: number, tried: ReadonlySet<string> | null): Protection {
  const newest = database.backups[0] ?? null;
  const running = database.jobs.find(({ endedAt }) => endedAt === null) ?? null;
  // A cancelled job says nothing about the next one.
  const lastTry = database.jobs.find(({ state, endedAt }) => endedAt !== null && state !== "cancelled");
  const isFailed = lastTry?.state === "failed" || lastTry?.state === "interrupted";
  const failure = isFailed && (newest === null || lastTry.createdAt > newest.startedAt) ? lastTry : null;
  return { ...database, state: stateOf(failure, newest, nowMs, tried), newest, failure, running };
}

function stateOf(
  failure: Job | null,
  newest: BackupView | null,
  nowMs: number,
  tried: ReadonlySet<string> | null,
): ProtectionState {
  if (failure !== null) return "failed";
  if (newest === null) return "never";
  const recipients = ageRecipients(newest.recipients);
  if (tried !== null && recipients.length > 0 && !recipients.some((recipient) => tried.has(recipient))) return "kit";
  return isYoung(newest, nowMs) ? "safe" : "old";
}

function isYoung(backup: BackupView, nowMs: number): boolean {
  return nowMs - Date.parse(backup.startedAt) < safeAgeMs;
}

/** The answer first, then the reason, then what mends it. */
export interface ProtectionSentence {
  readonly tone: "good" | "warn" | "bad" | "neutral";
  readonly answer: string;
  readonly reason: string;
  /** The database whose backup mends the most; null where there is none to make, or it is being made. */
  readonly mend: Protection | null;
}

/** The sentence over Home and of the tray. Names are visible text. */
export function sayProtection(all: readonly Protection[], nowMs: number): ProtectionSentence {
  // The sample is for trying things: nothing of a person's is in it.
  const own = all.filter(({ isSample }) => !isSample);
  if (own.length === 0) return sayWithoutOwn(all);
  const safe = own.filter(({ state }) => state === "safe");
  const worst = own.filter(({ state }) => state !== "safe").toSorted(byNeed)[0];
  const answer = texts.answer(safe.length, own.length, visibleText(own[0]?.name ?? ""));
  if (worst === undefined) return { tone: "good", answer, reason: sayLoss(own, nowMs), mend: null };
  return {
    tone: safe.length === 0 ? "bad" : "warn",
    answer,
    reason: sayReason(worst, nowMs),
    mend: worst.running === null && worst.connection !== null ? worst : null,
  };
}

function sayWithoutOwn(all: readonly Protection[]): ProtectionSentence {
  const sample = all[0];
  if (sample?.newest === null || sample === undefined) {
    return { tone: "neutral", answer: texts.nothing, reason: texts.nothingReason, mend: null };
  }
  return { tone: "neutral", answer: texts.sampleOnly, reason: texts.sampleOnlyReason, mend: null };
}

function sayReason(database: Protection, nowMs: number): string {
  const name = visibleText(database.name);
  if (database.running !== null) return texts.reasonRunning(name);
  const loss = database.newest === null ? null : formatRelative(database.newest.startedAt, nowMs);
  switch (database.state) {
    case "failed":
      return texts.reasonFailed(name, formatRelative(database.failure?.createdAt ?? "", nowMs), loss);
    case "never":
      return texts.reasonNever(name);
    case "kit":
      return texts.reasonKit(name);
    default:
      return texts.reasonOld(name, loss ?? "");
  }
}

/** All are safe: how much could be lost at the worst, of which. */
function sayLoss(own: readonly Protection[], nowMs: number): string {
  const oldest = own
    .flatMap(({ name, newest }) => (newest === null ? [] : [{ name, startedAt: newest.startedAt }]))
    .toSorted((one, other) => one.startedAt.localeCompare(other.startedAt))[0];
  if (oldest === undefined) return "";
  return texts.reasonSafe(visibleText(oldest.name), formatRelative(oldest.startedAt, nowMs), own.length);
}

const environments = ["production", "staging", "development"] as const;
const states: readonly ProtectionState[] = ["never", "failed", "kit", "old", "safe"];

/** Production before the rest; what has no backup before what has an old one; then the oldest. */
function byNeed(one: Protection, other: Protection): number {
  const place = ({ profile }: Protection) => (profile === null ? 3 : environments.indexOf(profile.environment));
  return (
    place(one) - place(other) ||
    states.indexOf(one.state) - states.indexOf(other.state) ||
    (one.newest?.startedAt ?? "").localeCompare(other.newest?.startedAt ?? "")
  );
}
