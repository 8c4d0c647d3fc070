import type { LastProof } from "../../shared/contract/backup-proof.ts";
import { type BackupSummary, summarizeManifest } from "../../shared/contract/backup-summary.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { BackupView } from "../../shared/contract/views.ts";
import type { ChainGap } from "../../shared/policy/backup-chain.ts";
import type { ConnectionProfile } from "../../shared/profile/profile.ts";
import type { ForeignArchive } from "../archives/foreign-archives.ts";
import { sampleProfile } from "../discovery/connections.ts";

/** A backup as screens show it, without what checks of it found. */
export function viewOfBackup(manifest: Manifest, path: string, profiles: readonly ConnectionProfile[]): BackupView {
  return viewOfSummary(summarizeManifest(manifest), path, profiles, null);
}

/** The same, where only a summary of its manifest was read. */
export function viewOfSummary(
  summary: BackupSummary,
  path: string,
  profiles: readonly ConnectionProfile[],
  lastProof: LastProof | null,
): BackupView {
  const { id, database, startedAt, endedAt, format, compression, server, recipients } = summary;
  const { sizeBytes, tables, rows, hasGlobals, warnings } = summary;
  return {
    id,
    path,
    database,
    profile: profileOf(summary, profiles),
    server,
    startedAt,
    elapsedMs: Date.parse(endedAt) - Date.parse(startedAt),
    sizeBytes,
    tables,
    rows,
    format,
    compression,
    hasGlobals,
    warnings,
    recipients,
    ...(lastProof === null ? {} : { lastProof }),
  };
}

/** The backups of a listing, each with the gap before it. */
export function withGaps(backups: readonly BackupView[], gaps: readonly ChainGap[]): BackupView[] {
  const before = new Map(gaps.map((gap) => [gap.followedById, gap]));
  return backups.map((backup) => {
    const gap = backup.id === null ? undefined : before.get(backup.id);
    return gap === undefined ? backup : { ...backup, missingBefore: { id: gap.missingId, madeAt: gap.missingMadeAt } };
  });
}

/** An archive that somebody else's pg_dump made. */
export function viewOfForeign({ path, header, sizeBytes, modifiedAt }: ForeignArchive): BackupView {
  return {
    id: null,
    path,
    database: header.database ?? "",
    profile: null,
    server: null,
    // The header's own time has no zone; the file's is what can be compared.
    startedAt: modifiedAt,
    elapsedMs: null,
    sizeBytes,
    tables: null,
    rows: null,
    format: header.format,
    compression: header.compression,
    hasGlobals: false,
    warnings: 0,
    recipients: [],
  };
}

/** The profile that leads to the server and database of a backup; several may, then the first by name. */
function profileOf(
  { server, database }: Pick<BackupSummary, "server" | "database">,
  profiles: readonly ConnectionProfile[],
): string | null {
  const isServer = ({ hosts }: ConnectionProfile) =>
    hosts.some(({ host, port }) => host === server.host && port === server.port);
  const found = profiles.filter(isServer);
  if (/\/sample\/cluster\//.test(server.host)) return sampleProfile;
  return (found.find((profile) => profile.database === database) ?? found[0])?.name ?? null;
}
