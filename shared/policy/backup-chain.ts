import type { BackupSummary } from "../contract/backup-summary.ts";

/** A backup that another one followed in this place, and that is gone from it. */
export interface ChainGap {
  readonly database: string;
  readonly missingId: string;
  /** When it was made, ISO time with zone; null where its id does not say. */
  readonly missingMadeAt: string | null;
  /** The one that names it. */
  readonly followedById: string;
}

type Link = Pick<BackupSummary, "id" | "database" | "server" | "startedAt" | "previousId" | "previousIn">;

/**
 * The backups that were in this place when others were made, and are gone. Nothing is said of copies that lie elsewhere than
 * where their chain is kept, as only some of them may have been copied. Nor of what the oldest one of a database followed:
 * old backups go first, by whatever hand. A policy's deletions are gaps too, until their records are looked at.
 * @param place as manifests name it in `previousIn`
 */
export function findChainGaps(
  backups: readonly Link[],
  place: string,
  isExplained: (missing: { readonly database: string; readonly id: string }) => boolean,
): ChainGap[] {
  const seen = new Set(backups.map(({ id }) => id));
  const firsts = new Map<string, string>();
  for (const backup of backups) {
    const chain = chainOf(backup);
    if (backup.startedAt < (firsts.get(chain) ?? "~")) firsts.set(chain, backup.startedAt);
  }
  const oldestFirst = backups.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
  return oldestFirst.flatMap((backup) => {
    const { id, database, startedAt, previousId, previousIn } = backup;
    if (typeof previousId !== "string" || previousIn !== place || startedAt === firsts.get(chainOf(backup))) return [];
    if (seen.has(previousId) || isExplained({ database, id: previousId })) return [];
    // Two that were made at the same time followed the same one.
    seen.add(previousId);
    return [{ database, missingId: previousId, missingMadeAt: madeAtOf(previousId), followedById: id }];
  });
}

function chainOf({ database, server: { host, port } }: Link): string {
  return JSON.stringify([database, host, port]);
}

/** An id begins with the time: `20261121020000-9f86d081`. */
function madeAtOf(id: string): string | null {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-/.exec(id) ?? [];
  const text = `${y}-${mo}-${d}T${h}:${mi}:${s}Z`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}
