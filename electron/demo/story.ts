import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import type { Home } from "../home.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import type { ChosenTool } from "../tools/choose-tool.ts";
import type { Proof } from "./compare-pictures.ts";
import type { ArchiveView } from "./look-inside.ts";
import type { Loss } from "./lose-table.ts";
import type { DemoSample, SampleListener } from "./prepare-sample.ts";
import type { StepId } from "./step-clock.ts";
import type { Picture } from "./take-picture.ts";

/** The table that is lost and brought back. */
export const storyTable = { schema: "public", name: "orders" } as const;

/** What the story needs of the face that tells it. */
export interface DemoServices {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly teller: Teller;
  jobs(): Promise<JobManager>;
  /**
   * Shows a job while it runs and gives its result. Throws the job's own error where it failed, `job.cancelled` where it
   * was cancelled.
   */
  follow<Result>(start: (onChange: (job: Job) => void) => Promise<Job>): Promise<Result>;
}

/** Is told what happens, as it happens. */
export interface Teller extends SampleListener {
  begin(step: StepId): void;
  toolChosen(tool: ChosenTool): void;
  sampleReady(sample: DemoSample): void;
  backedUp(backup: BackupResult): void;
  lookedInside(view: ArchiveView, backup: BackupResult): void;
  beforeLoss(picture: Picture): void;
  lost(loss: Loss): void;
  restorePlanned(plan: RestorePlan, backup: BackupResult): void;
  restored(result: RestoreResult): void;
  proved(proof: Proof): void;
  /** The story was stopped while the table was gone. */
  puttingBack(): void;
  /** The table could not be put back after that, or its restore failed. */
  leftIncomplete(backup: BackupResult): void;
}
