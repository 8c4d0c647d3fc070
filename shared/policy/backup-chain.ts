import type { BackupSummary } from "../contract/backup-summary.ts";

/** A backup that another one followed, and that is gone. */
export interface ChainGap {
  readonly database: string;
  readonly missingId: string;
  /** The one that names it. */
  readonly followedById: string;
}

type Link = Pick<BackupSummary, "id" | "database" | "startedAt" | "previousId">;

/**
 * The backups of one place that are gone although others say that they followed them. What a place's first backup of a
 * database followed was never there. A policy's prunings are gaps too, until their records are looked at.
 */
export function findChainGaps(backups: readonly Link[], isPruned: (id: string) => boolean): ChainGap[] {
  const present = new Set(backups.map(({ id }) => id));
  const firsts = new Map<string, string>();
  for (const { database, startedAt } of backups)
    if (startedAt < (firsts.get(database) ?? "~")) firsts.set(database, startedAt);
  return backups.flatMap(({ id, database, startedAt, previousId }) => {
    if (typeof previousId !== "string" || present.has(previousId) || isPruned(previousId)) return [];
    return startedAt === firsts.get(database) ? [] : [{ database, missingId: previousId, followedById: id }];
  });
}
