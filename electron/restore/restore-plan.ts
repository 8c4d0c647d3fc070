import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { Explained } from "../../shared/archive/reasons.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Dependants } from "../replace/dependants.ts";
import type { DatabaseProperty } from "../swap/properties.ts";
import type { ChosenTool } from "../tools/choose-tool.ts";
import type { RestoreRequest } from "./restore-request.ts";

/** A table whose rows are restored. */
export interface PlannedTable {
  /** Its TABLE DATA entry. */
  readonly dataId: DumpId;
  readonly schema: string | null;
  readonly name: string;
  /** Rows in the archive as the manifest counted them; null where nobody has counted yet. */
  readonly rows: number | null;
  /** COPY text in bytes, from the manifest. */
  readonly rawBytes: number | null;
  /** Name of the table the rows are copied into where that is not this one: the root of a partition tree. */
  readonly loadedInto: { readonly schema: string | null; readonly name: string } | null;
}

/** A relation that comes under another schema or name. */
export interface Move {
  readonly kind: string;
  readonly from: { readonly schema: string; readonly name: string };
  readonly to: { readonly schema: string; readonly name: string };
  /** Chosen itself; else it belongs to a chosen one: a partition. */
  readonly isChosen: boolean;
}

/** How chosen tables come under another schema or name. */
export interface BesidePlan {
  /** Their definitions alone, into a database that is made for it and dropped again. */
  readonly scratch: RestorePlan;
  readonly schema: string;
  /** The schema is not there yet. */
  readonly createsSchema: boolean;
  readonly moves: readonly Move[];
}

/** A live table that is replaced. */
export interface ReplacedTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  /** As the planner thinks. */
  readonly rows: number;
  readonly bytes: number;
}

/** How live tables are replaced by those that were built beside them. */
export interface ReplacePlan {
  readonly replaced: readonly ReplacedTable[];
  readonly dependants: Dependants;
  /** The archive's foreign keys to live tables, and their comments: made last, where the tables have their names again. */
  readonly keys: readonly DumpId[];
}

/** How a restored database takes the place of the live one. */
export interface SwapPlan {
  /** Everything into a new database. */
  readonly restore: RestorePlan;
  readonly live: string;
  /** The restored one, until it gets the name. */
  readonly fresh: string;
  /** What the live one is called afterwards. */
  readonly old: string;
  /** Of the live database itself, as they were when this was planned. */
  readonly properties: readonly DatabaseProperty[];
}

/** How every database of a pg_dumpall script comes into a new one of its own. */
export interface ClusterPlan {
  /** In the script's order; `name` is the database's in the script. */
  readonly parts: readonly { readonly name: string; readonly plan: RestorePlan }[];
  /** How the script's roles and tablespaces are read, which are not run; null where it has none. */
  readonly globals: string | null;
}

/** Everything that is decided before anything is changed. */
export interface RestorePlan {
  readonly request: RestoreRequest;
  /** pg_restore then gets it decrypted on its stdin. */
  readonly isStreamed: boolean;
  /** Where to: the new database, or the one that is there. With `cluster` in words: `3 new databases`. */
  readonly database: string;
  /** Where CREATE and DROP DATABASE are said. */
  readonly maintenanceDatabase: string;
  readonly host: string;
  readonly port: number;
  readonly serverVersionNum: number;
  /** CREATE DATABASE, and what to try where the server does not know the archive's locale; empty for as-is. */
  readonly createDatabase: readonly string[];
  /** CREATE SCHEMA for schemas that objects lie in and that neither archive nor target have. */
  readonly createSchemas: readonly string[];
  readonly graph: DependencyGraph;
  /** What pg_restore is told to restore, in the order it works in. */
  readonly entries: readonly DumpId[];
  /** What the choice itself names. */
  readonly chosen: readonly DumpId[];
  readonly added: readonly Explained[];
  /** Needed, and in the target already: left as it is. */
  readonly kept: readonly Explained[];
  readonly offered: readonly Explained[];
  readonly warnings: readonly string[];
  /** Grants and policies that name mapped roles: made after pg_restore, with the roles of the target in them. */
  readonly mapped: readonly DumpId[];
  readonly tables: readonly PlannedTable[];
  readonly tool: ChosenTool;
  readonly jobs: number;
  /** The table of contents and the data of the chosen entries; twice that, at most, where they come twice. */
  readonly bytesToRead: number;
  /** They come once to be compared with the manifest's hashes, before anything is touched, and once to be restored. */
  readonly readsTwice: boolean;
  /** null in other modes. */
  readonly beside: BesidePlan | null;
  /** null in other modes; with `beside`, which builds the tables. */
  readonly replace: ReplacePlan | null;
  /** null in other modes. */
  readonly swap: SwapPlan | null;
  /** null unless it is of several databases; then `entries`, `tables` and the like are those of all of them. */
  readonly cluster: ClusterPlan | null;
  /** What of the target is touched and what is not, in sentences; empty where the kind of target says it all. */
  readonly touches: readonly string[];
  /** How it is undone, in a sentence; null where the kind of target says it. */
  readonly undo: string | null;
  /** Why a person has to confirm first; null where nobody has to. */
  readonly confirmation: string | null;
}
