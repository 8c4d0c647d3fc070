import type { JobContext } from "../jobs/job-manager.ts";
import { watchCopyProgress } from "../postgres/copy-progress.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { createBackupProgress } from "./backup-progress.ts";
import { type BackupPlan, sampleExpected } from "./prepare-backup.ts";
import type { DumpObserver } from "./received-dump.ts";

/** Follows a running pg_dump from three sides: its stderr, its output, and the server's own progress view. */
export interface DumpFollower {
  readonly observer: DumpObserver;
  stderrLine(line: string): void;
  /** A place that is slower than the dump, so that all wait for it; null when it has caught up. */
  waitingFor(location: string | null): void;
  stop(): Promise<void>;
}

const TICK_MS = 250;
/** Without a byte, a row or a line for so long, the log says what the server is waiting for. */
const STALL_MS = 60_000;
/** A place that keeps the dump waiting for so long is named. */
const SLOW_MS = 1000;

/** Starts to follow; `stop()` ends it, whatever happened. Never throws for the server's sake: progress is a courtesy. */
export async function followDump(
  context: JobContext,
  connection: ResolvedConnection,
  applicationName: string,
  plan: BackupPlan,
): Promise<DumpFollower> {
  const progress = createBackupProgress(plan.expected, Date.now());
  const target = { ...connection.target, database: plan.report.database };
  const stopped = new AbortController();
  if (plan.isEstimated)
    void sampleExpected(plan.report, connection, stopped.signal).then(
      (tables) => progress.expect(tables),
      () => {},
    );
  let lastSign = Date.now();
  let stalled = false;
  let activity: string | null = null;
  let slow: { readonly location: string; readonly since: number } | null = null;
  const seen = new Map<number, number>();

  function sign(): void {
    lastSign = Date.now();
    stalled = false;
  }

  function tick(): void {
    const now = Date.now();
    progress.waitingFor(slow !== null && now - slow.since > SLOW_MS ? slow.location : null);
    context.progress(progress.current(now));
    if (stalled || now - lastSign < STALL_MS) return;
    stalled = true;
    context.log(
      `nothing came from pg_dump for ${STALL_MS / 1000} s${activity === null ? "" : `; the server says: ${activity}`}`,
    );
  }

  const watcher = await watchCopyProgress(target, connection.password, applicationName, (sample) => {
    activity = sample.activity;
    for (const copy of sample.copies) {
      progress.running(copy.relationOid, copy.bytes, copy.rows);
      if (seen.get(copy.relationOid) !== copy.bytes) sign();
      seen.set(copy.relationOid, copy.bytes);
    }
  });
  const timer = setInterval(tick, TICK_MS);

  return {
    observer: {
      received: sign,
      tablesKnown: (oids) => progress.restrictTo(oids),
      tableRunning: (oid, _dumpId, bytes, rows) => progress.running(oid, bytes, rows),
      tableFinished: (oid, _dumpId, bytes, rows) => progress.finished(oid, bytes, rows),
    },
    stderrLine(line) {
      sign();
      context.log(line);
      // "pg_dump: reading user-defined tables", "pg_dump: saving search_path": the catalogue's turn, before any data.
      const phase = /^pg_dump: ((?:reading|identifying|finding|flagging|saving|dumping) .*)$/.exec(line)?.[1];
      if (phase !== undefined && !phase.startsWith("dumping contents")) progress.phase(phase);
    },
    waitingFor(location) {
      slow = location === null ? null : { location, since: Date.now() };
      if (location !== null) sign();
    },
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await watcher.stop();
    },
  };
}
