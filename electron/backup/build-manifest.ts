import type { Manifest, StoredFile } from "../../shared/contract/manifest.ts";
import type { HostAddress } from "../../shared/profile/profile.ts";
import { lifeboatVersion } from "../version.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackupPlan } from "./prepare-backup.ts";
import type { FinishedDump } from "./receive-dump.ts";
import type { ManifestSeal } from "./seal-manifest.ts";

/** What a manifest is made of, once all is known. */
export interface ManifestParts {
  readonly id: string;
  readonly request: BackupRequest;
  readonly plan: BackupPlan;
  readonly seal: ManifestSeal;
  readonly dump: FinishedDump;
  /** The very argv of pg_dump, which holds no secret. */
  readonly command: readonly string[];
  readonly files: readonly StoredFile[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly extraWarnings: Manifest["warnings"];
}

/** The manifest of a finished backup, version 1, proved where this machine can. Nothing of it may be changed any more. */
export function buildManifest(parts: ManifestParts): Manifest {
  const { request, plan, seal, dump } = parts;
  const { server } = plan.report;
  const address: HostAddress | undefined = request.target.hosts[0];
  return seal.sign({
    manifestVersion: 1,
    id: parts.id,
    database: request.database,
    startedAt: parts.startedAt.toISOString(),
    endedAt: parts.endedAt.toISOString(),
    format: request.format,
    compression: plan.compression,
    server: {
      version: server.version,
      versionNum: server.versionNum,
      systemIdentifier: server.systemIdentifier,
      databaseOid: server.databaseOid,
      encoding: server.encoding,
      collate: server.collate,
      host: address?.host ?? "",
      port: address?.port ?? 0,
    },
    tool: { name: "pg_dump", version: plan.tool.version.text },
    lifeboatVersion,
    command: [...parts.command],
    options: {
      schemas: request.schemas,
      tables: request.tables,
      excludeTables: request.excludeTables,
      excludeTableData: request.excludeTableData,
      schemaOnly: request.schemaOnly,
      dataOnly: request.dataOnly,
      jobs: request.jobs,
      globals: request.globals,
    },
    ...(request.recipients?.length ? { encryption: { method: "age", recipients: request.recipients } } : {}),
    ...(request.gpg?.length ? { encryption: { method: "gpg", recipients: request.gpg } } : {}),
    ...(request.passphrase ? { encryption: { method: "age", recipients: [], passphrase: true } } : {}),
    files: [...parts.files],
    tocBytes: dump.tocBytes,
    tocEntries: dump.tocEntries,
    data: [...dump.data],
    warnings: [
      ...plan.warnings,
      ...dump.warnings.map((event) => ({
        code: event.code,
        message: event.meaning ?? event.text.split("\n", 1)[0] ?? "",
        detail: event.text,
      })),
      ...parts.extraWarnings,
    ],
    ...(seal.previous === undefined ? {} : { previousId: seal.previous?.id ?? null }),
    ...(seal.previous ? { previousIn: seal.previous.place } : {}),
    ...(dump.tocDigest === undefined ? {} : { tocDigest: dump.tocDigest }),
  });
}
