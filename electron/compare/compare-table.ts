import type { Archive } from "../archives/archive.ts";
import { connect, type Session } from "../postgres/connect.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { compareHere } from "./compare-here.ts";
import { compareInServer } from "./compare-in-server.ts";
import type { CompareRequest, Comparison, ComparisonCounts, DifferenceSink, RowDifference } from "./comparison.ts";
import { createDecoder } from "./decode-differences.ts";
import { prepareSession } from "./live-table.ts";
import { planComparison } from "./plan-comparison.ts";

export interface ComparisonResult {
  readonly comparison: Comparison;
  readonly counts: ComparisonCounts;
}

export interface CompareOptions {
  readonly signal: AbortSignal;
  /** Told before any row is read. */
  readonly onPlanned?: (comparison: Comparison) => void | Promise<void>;
  /** For tests; left out: compare-here.ts's own. */
  readonly mostHeldBytes?: number;
}

/**
 * Compares a table's rows in an archive with those of a live table: exactly, in bounded memory, changing nothing.
 * Differences go to the sink in no particular order.
 * @throws archive.*, compare.*, connection.*, postgres.*, job.cancelled
 */
export async function compareTable(
  archive: Archive,
  connection: ResolvedConnection,
  request: CompareRequest,
  sink: DifferenceSink,
  options: CompareOptions,
): Promise<ComparisonResult> {
  const sessions: Session[] = [];
  const open = async (): Promise<Session> => {
    const { target, password } = connection;
    const session = await connect(target, password, { applicationName: "lifeboat", signal: options.signal });
    sessions.push(session);
    await prepareSession(session);
    return session;
  };
  let second: Promise<Session> | null = null;
  try {
    const session = await open();
    const comparison = await planComparison(archive, session, request);
    await options.onPlanned?.(comparison);
    const decode = createDecoder(comparison, () => (second ??= open()));
    const counting = createCounter(sink);
    const compare = comparison.way === "server" ? compareInServer : compareHere;
    const rows = await compare(comparison, session, decode, counting, options);
    const { missing, changed, added } = counting.counts;
    return { comparison, counts: { missing, changed, added, same: rows - missing - changed } };
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

/** A sink that counts on the way to another. */
export function createCounter(sink: DifferenceSink) {
  const none = { missing: 0, changed: 0, added: 0 };
  const counts = { ...none };
  return {
    counts,
    async take(differences: readonly RowDifference[]): Promise<void> {
      for (const { kind } of differences) counts[kind]++;
      await sink.take(differences);
    },
    async restart(): Promise<void> {
      Object.assign(counts, none);
      await sink.restart();
    },
  };
}
