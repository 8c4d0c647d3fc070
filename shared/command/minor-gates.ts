import type { PostgresVersion } from "./postgres-version.ts";
import type { ToolName } from "./tool-installation.ts";

/**
 * Holes in PostgreSQL's client programs that a file or a server from elsewhere can use, by the minor release that closes
 * them (postgresql.org/support/security). Majors without an entry that are older than the oldest one here get no fixes
 * any more; newer ones never had the hole.
 */
export interface MinorGate {
  /** CVE numbers. */
  readonly ids: readonly string[];
  readonly tools: readonly ToolName[];
  /** What has to be hostile for it to matter. */
  readonly against: "sql" | "archive" | "server";
  /** `block`: Lifeboat does not use the tool for it. */
  readonly level: "block" | "warn";
  readonly fixedIn: Readonly<Record<number, number>>;
  /** What can happen, to follow the tool's name and version. */
  readonly text: string;
}

export const minorGates: readonly MinorGate[] = [
  {
    // Tried on psql 15.18: it ran a command named in a dump, and took rows of a failed COPY for SQL.
    ids: ["CVE-2026-18408", "CVE-2026-6464"],
    tools: ["psql"],
    against: "sql",
    level: "block",
    fixedIn: { 18: 6, 17: 11, 16: 15, 15: 19, 14: 24 },
    text: "can be made to run programs by an SQL file from elsewhere",
  },
  {
    // Tried: pg_restore 17.11 read a file outside the archive's folder, 17.12 refuses.
    ids: ["CVE-2026-116314"],
    tools: ["pg_restore"],
    against: "archive",
    level: "warn",
    fixedIn: { 18: 7, 17: 12, 16: 16, 15: 20, 14: 25 },
    text: "can be led to other files of yours by an archive from elsewhere",
  },
  {
    ids: ["CVE-2026-6477", "CVE-2026-19385"],
    tools: ["pg_dump", "pg_dumpall"],
    against: "server",
    level: "warn",
    fixedIn: { 18: 6, 17: 11, 16: 15, 15: 19, 14: 24 },
    text: "can be attacked by a server that is not to be trusted",
  },
  {
    ids: ["CVE-2026-6475", "CVE-2026-16240"],
    tools: ["pg_basebackup"],
    against: "server",
    level: "warn",
    fixedIn: { 18: 7, 17: 12, 16: 16, 15: 20, 14: 25 },
    text: "can be made to write outside its folder by a server that is not to be trusted",
  },
];

/** The gates that this version of a tool has not passed. */
export function openGates(tool: ToolName, version: PostgresVersion): MinorGate[] {
  return minorGates.filter((gate) => gate.tools.includes(tool) && !isFixed(gate, version));
}

/** One sentence on a gate: `psql 15.18 can be made to … (CVE-…). 15.19 mends it.` */
export function describeGate(gate: MinorGate, tool: ToolName, version: PostgresVersion): string {
  const minor = gate.fixedIn[version.major];
  const remedy = minor === undefined ? "No release of this major mends it." : `${version.major}.${minor} mends it.`;
  return `${tool} ${version.text} ${gate.text} (${gate.ids.join(", ")}). ${remedy}`;
}

function isFixed({ fixedIn }: MinorGate, { major, minor }: PostgresVersion): boolean {
  const fixed = fixedIn[major];
  return fixed === undefined ? major > Math.max(...Object.keys(fixedIn).map(Number)) : minor >= fixed;
}
