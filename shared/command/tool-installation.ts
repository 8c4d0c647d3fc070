import type { PostgresVersion } from "./postgres-version.ts";

/** PostgreSQL's client programs that Lifeboat runs or looks for. */
export const toolNames = ["pg_dump", "pg_dumpall", "pg_restore", "psql", "pg_basebackup", "pg_verifybackup"] as const;
export type ToolName = (typeof toolNames)[number];

/** Client programs of one version that lie together. */
export interface ToolInstallation {
  readonly version: PostgresVersion;
  /** The real folder, links followed. */
  readonly folder: string;
  /** How it was found, for people: `PATH`, `package`, `Homebrew`, `settings.json`. */
  readonly source: string;
  /** Absolute paths of those that are there. */
  readonly tools: Readonly<Partial<Record<ToolName, string>>>;
}
