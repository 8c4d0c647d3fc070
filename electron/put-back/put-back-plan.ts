import type { PutBackTable } from "../../shared/put-back/put-back-sql.ts";
import type { ComparisonCounts } from "../compare/comparison.ts";
import type { PutBackRequest } from "./put-back-request.ts";
import type { ScriptSteps } from "./script-file.ts";

/** Rows to be put back, decided and written down; nothing is changed yet. */
export interface PutBackPlan {
  readonly request: PutBackRequest;
  readonly table: PutBackTable;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** All that differs, put back or not. */
  readonly counts: ComparisonCounts;
  /** Rows that will be inserted. */
  readonly missing: number;
  /** Rows that will get the archive's values. */
  readonly changed: number;
  readonly key: string;
  /** What the server would refuse. */
  readonly conflicts: readonly string[];
  readonly warnings: readonly string[];
  /** The exact SQL, as a file that psql takes; a private one, gone when the plan is run or thrown away. */
  readonly script: string;
  readonly steps: ScriptSteps;
  /** Why a person has to confirm first. */
  readonly confirmation: string;
}
