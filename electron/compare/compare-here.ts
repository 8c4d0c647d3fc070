import { quoteIdentifier } from "../../shared/command/names.ts";
import type { Session } from "../postgres/connect.ts";
import type { Comparison, DifferenceSink } from "./comparison.ts";
import type { DecodeDifferences } from "./decode-differences.ts";
import { fromLive, quoteLive } from "./live-table.ts";
import { matchInParts } from "./match-in-parts.ts";
import { refuseSharedKeys } from "./shared-keys.ts";

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
  const counts = await matchInParts(
    () => comparison.rows.read(options.signal),
    () => session.copyOut(copyLive(comparison)),
    comparison.key.places,
    {
      async take(differences) {
        const rows = await decode(differences);
        // What is missing or added is known when both sides have been read, and the session is free again.
        await refuseSharedKeys(comparison, session, rows);
        await sink.take(rows);
      },
      restart: () => sink.restart(),
    },
    options,
  );
  await session.query("commit");
  return counts.backup;
}

/** The live rows with the compared columns in the archive's order. */
function copyLive({ live, match, rows }: Comparison): string {
  const columns = match.compared.map((column) => quoteIdentifier(column.live.name)).join(", ");
  const isPlain = !live.isPartitioned && match.compared.every((column) => !column.live.isGenerated);
  const encoding = `with (encoding '${rows.encoding}')`;
  if (isPlain && match.compared.length > 0) return `copy ${quoteLive(live)} (${columns}) to stdout ${encoding}`;
  return `copy (select ${columns} from ${fromLive(live)}) to stdout ${encoding}`;
}
