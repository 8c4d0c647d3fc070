import { quoteIdentifier } from "../../shared/command/names.ts";
import type { Session } from "../postgres/connect.ts";
import type { Comparison, DifferenceSink } from "./comparison.ts";
import type { DecodeDifferences } from "./decode-differences.ts";
import { fromLive, quoteLive } from "./live-table.ts";
import { type LineCounts, matchLines, TooManyHeld } from "./match-lines.ts";
import { refuseSharedKeys } from "./shared-keys.ts";

/** Rows out of their place that are held at a time, in bytes; a table with more is read in several passes. */
const mostHeldBytes = 256 * 1024 * 1024;
/** More passes would not help: single rows are that long. */
const mostParts = 512;

/**
 * Compares by reading the archive's rows and the live table's side by side, in one snapshot. Needs SELECT and nothing
 * else, so it goes with a read-only role and on a standby.
 * @param session prepared; nothing else runs in it meanwhile
 * @returns the archive's rows, counted
 * @throws compare.keyNotUnique, archive.*, postgres.*, job.cancelled
 */
export async function compareHere(
  comparison: Comparison,
  session: Session,
  decode: DecodeDifferences,
  sink: DifferenceSink,
  options: { readonly signal: AbortSignal; readonly mostHeldBytes?: number },
): Promise<number> {
  await session.query("begin isolation level repeatable read read only");
  for (let parts = 1; ; parts *= 8) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- a second time only where the first was not enough
      const counts = await compareInParts(comparison, session, decode, sink, parts, options);
      // oxlint-disable-next-line no-await-in-loop -- leaves the loop
      await session.query("commit");
      return counts.backup;
    } catch (error) {
      if (!(error instanceof TooManyHeld)) throw error;
      // oxlint-disable-next-line no-await-in-loop -- see above
      await sink.restart();
    }
  }
}

async function compareInParts(
  comparison: Comparison,
  session: Session,
  decode: DecodeDifferences,
  sink: DifferenceSink,
  parts: number,
  options: { readonly signal: AbortSignal; readonly mostHeldBytes?: number },
): Promise<LineCounts> {
  let counts: LineCounts = { backup: 0, live: 0 };
  for (let index = 0; index < parts; index++) {
    // oxlint-disable-next-line no-await-in-loop -- each pass reads all of both sides
    counts = await matchLines(comparison.rows.read(options.signal), session.copyOut(copyLive(comparison)), {
      keyFields: comparison.key.places,
      mostHeldBytes: parts >= mostParts ? Number.POSITIVE_INFINITY : (options.mostHeldBytes ?? mostHeldBytes),
      part: { index, count: parts },
      async take(differences) {
        const rows = await decode(differences);
        // What is missing or added is known when both sides have been read, and the session is free again.
        await refuseSharedKeys(comparison, session, rows);
        await sink.take(rows);
      },
    });
  }
  return counts;
}

/** The live rows with the compared columns in the archive's order. */
function copyLive({ live, match, rows }: Comparison): string {
  const columns = match.compared.map((column) => quoteIdentifier(column.live.name)).join(", ");
  const isPlain = !live.isPartitioned && match.compared.every((column) => !column.live.isGenerated);
  const encoding = `with (encoding '${rows.encoding}')`;
  if (isPlain && match.compared.length > 0) return `copy ${quoteLive(live)} (${columns}) to stdout ${encoding}`;
  return `copy (select ${columns} from ${fromLive(live)}) to stdout ${encoding}`;
}
