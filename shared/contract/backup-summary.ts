import { countTables, type Manifest } from "./manifest.ts";

/**
 * What a list of backups shows of a manifest. Ten thousand of them are a few megabytes, where the manifests would be
 * hundreds. It is for looking: whatever is done with a backup is done by its manifest.
 */
export interface BackupSummary {
  readonly id: string;
  readonly database: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly format: Manifest["format"];
  /** The method alone: `zstd`. */
  readonly compression: Manifest["compression"]["method"];
  readonly server: { readonly host: string; readonly port: number; readonly version: string };
  /** Of all files but the manifest. */
  readonly sizeBytes: number;
  /** The archive's file beside the manifest, or the folder of a directory archive. */
  readonly archive: string;
  /** Of that file; for a directory archive, of its first member. */
  readonly archiveBytes: number;
  readonly tables: number;
  readonly rows: number | null;
  readonly isEncrypted: boolean;
  /** For whom. */
  readonly recipients: readonly string[];
  readonly hasGlobals: boolean;
  readonly warnings: number;
  /** The backup before it; null: it is the first; undefined: its writer did not look. */
  readonly previousId?: string | null;
  /** The place that it was in then; as the manifest has it. */
  readonly previousIn?: string;
  /** Whether its manifest carries a proof of who wrote it. */
  readonly hasProof: boolean;
}

export function summarizeManifest(manifest: Manifest): BackupSummary {
  const { id, database, startedAt, endedAt, format, server, files } = manifest;
  const archive = files.find(({ role }) => role === "archive");
  const path = archive?.path ?? "";
  return {
    id,
    database,
    startedAt,
    endedAt,
    format,
    compression: manifest.compression.method,
    server: { host: server.host, port: server.port, version: server.version },
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    archive: format === "directory" ? (path.split("/")[0] ?? path) : path,
    archiveBytes: archive?.sizeBytes ?? 0,
    ...countTables(manifest),
    isEncrypted: manifest.encryption !== undefined,
    recipients: manifest.encryption?.recipients ?? [],
    hasGlobals: files.some(({ role }) => role === "globals"),
    warnings: manifest.warnings.length,
    ...(manifest.previousId === undefined ? {} : { previousId: manifest.previousId }),
    ...(manifest.previousIn === undefined ? {} : { previousIn: manifest.previousIn }),
    hasProof: manifest.proof !== undefined,
  };
}

const formats: ReadonlySet<unknown> = new Set<Manifest["format"]>(["custom", "directory", "tar", "plain"]);
const methods: ReadonlySet<unknown> = new Set<BackupSummary["compression"]>(["none", "gzip", "lz4", "zstd"]);
const texts = ["id", "database", "startedAt", "endedAt", "archive"] as const;
const counts = ["sizeBytes", "archiveBytes", "tables", "warnings"] as const;
const flags = ["isEncrypted", "hasGlobals", "hasProof"] as const;

/** Whether something read from an index is a summary. By hand: a schema takes longer over ten thousand than the network. */
export function isBackupSummary(value: unknown): value is BackupSummary {
  if (!isRecord(value)) return false;
  const { server } = value;
  return (
    texts.every((name) => typeof value[name] === "string") &&
    counts.every((name) => isCount(value[name])) &&
    flags.every((name) => typeof value[name] === "boolean") &&
    formats.has(value["format"]) &&
    methods.has(value["compression"]) &&
    Array.isArray(value["recipients"]) &&
    (value["previousId"] === undefined || value["previousId"] === null || typeof value["previousId"] === "string") &&
    (value["previousIn"] === undefined || typeof value["previousIn"] === "string") &&
    (value["rows"] === null || isCount(value["rows"])) &&
    isRecord(server) &&
    typeof server["host"] === "string" &&
    typeof server["version"] === "string" &&
    isCount(server["port"])
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
