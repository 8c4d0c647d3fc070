import { highestLevels } from "../../../shared/command/dump-command.ts";
import type { ArgsOf } from "../../../shared/contract/methods.ts";

export type BackupOptions = NonNullable<ArgsOf<"backup.start">["options"]>;
export type BackupFormat = NonNullable<BackupOptions["format"]>;
export type CompressionMethod = NonNullable<BackupOptions["compression"]>["method"];

/** The options of one backup while they are chosen. */
export interface OptionsDraft {
  readonly format: BackupFormat;
  /** null: what suits the tool. */
  readonly method: CompressionMethod | null;
  /** Empty: the method's own. */
  readonly level: string;
  readonly jobs: string;
  /** Patterns of pg_dump, one a line. */
  readonly schemas: string;
  readonly tables: string;
  readonly excludeTables: string;
  readonly excludeTableData: string;
  readonly content: "all" | "schema" | "data";
  readonly globals: boolean;
}

export const defaultOptions: OptionsDraft = {
  format: "custom",
  method: null,
  level: "",
  jobs: "1",
  schemas: "",
  tables: "",
  excludeTables: "",
  excludeTableData: "",
  content: "all",
  globals: false,
};

export type OptionsFault = "level" | "jobs";

/** What pg_dump would refuse. */
export function findOptionFaults(options: OptionsDraft): readonly OptionsFault[] {
  const highest = options.method === null ? null : highestLevels[options.method];
  const hasLevel = options.level.trim() !== "" && highest !== null;
  return [
    ...(hasLevel && !isWhole(options.level, 1, highest) ? (["level"] as const) : []),
    ...(options.format === "directory" && !isWhole(options.jobs, 1, 64) ? (["jobs"] as const) : []),
  ];
}

/** The options as they are sent: only what differs from a whole backup in the usual format. */
export function optionsOf(draft: OptionsDraft): BackupOptions {
  const highest = draft.method === null ? null : highestLevels[draft.method];
  return {
    format: draft.format,
    ...(draft.globals ? { globals: true } : {}),
    ...(draft.method === null || !canCompress(draft.format)
      ? {}
      : {
          compression: {
            method: draft.method,
            level: highest !== null && draft.level.trim() !== "" ? Number(draft.level) : null,
          },
        }),
    ...(draft.format === "directory" ? { jobs: Number(draft.jobs) } : {}),
    ...patterns("schemas", draft.schemas),
    ...patterns("tables", draft.tables),
    ...patterns("excludeTables", draft.excludeTables),
    ...patterns("excludeTableData", draft.excludeTableData),
    ...(draft.content === "schema" ? { schemaOnly: true } : {}),
    ...(draft.content === "data" ? { dataOnly: true } : {}),
  };
}

/** A tar archive is never compressed inside. */
export function canCompress(format: BackupFormat): boolean {
  return format !== "tar";
}

function patterns(name: "schemas" | "tables" | "excludeTables" | "excludeTableData", text: string): BackupOptions {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.length === 0 ? {} : { [name]: lines };
}

function isWhole(text: string, lowest: number, highest: number): boolean {
  return /^\d{1,3}$/.test(text.trim()) && Number(text) >= lowest && Number(text) <= highest;
}
