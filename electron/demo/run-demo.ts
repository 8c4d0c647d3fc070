import { join } from "node:path";
import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { withSampleLock } from "../postgres/sample/sample-lock.ts";
import { stopSample } from "../postgres/sample/sample-server.ts";
import { backUpSample } from "./back-up-sample.ts";
import { bringBack, planWayBack } from "./bring-back.ts";
import { checkTools } from "./check-tools.ts";
import { type Proof, prove } from "./compare-pictures.ts";
import { type ArchiveView, lookInside } from "./look-inside.ts";
import { dropTable, type Loss, nameLoss } from "./lose-table.ts";
import { type DemoSample, prepareSample } from "./prepare-sample.ts";
import { createStepClock, type StepClock, type StepTime } from "./step-clock.ts";
import type { DemoServices } from "./story.ts";
import { takePicture } from "./take-picture.ts";

/** The whole story, as it went. */
export interface DemoReport {
  readonly sample: DemoSample;
  readonly backup: BackupResult;
  readonly view: ArchiveView;
  readonly loss: Loss;
  readonly restored: RestoreResult;
  readonly proof: Proof;
  readonly steps: readonly StepTime[];
  readonly elapsedMs: number;
}

/**
 * Backs the sample database up, looks inside the backup, drops a table, restores it and proves that everything is as it
 * was. The sample is left as it was found, running or stopped; the backup stays. One story at a time.
 * @throws tool.missing, tool.tooOld, sample.*, job.cancelled, and the failure of whichever step failed
 */
export async function runDemo(services: DemoServices): Promise<DemoReport> {
  try {
    return await tell(services);
  } catch (error) {
    // Whatever happened to be cut short says so in its own words, which mean nothing here.
    throw services.signal.aborted ? new AppError("job.cancelled", "The demo was stopped.", { cause: error }) : error;
  }
}

async function tell(services: DemoServices): Promise<DemoReport> {
  const { home, env, signal, teller } = services;
  const clock = createStepClock((step) => teller.begin(step));

  clock.begin("tools");
  teller.toolChosen(await checkTools(home, env));

  return withSampleLock(join(home.sampleFolder, "demo.db"), async () => {
    clock.begin("sample");
    const sample = await prepareSample(home, signal, teller);
    try {
      teller.sampleReady(sample);
      return await tellOn(sample, services, clock);
    } finally {
      if (!sample.wasRunning) await stopSample(home);
    }
  });
}

async function tellOn(sample: DemoSample, services: DemoServices, clock: StepClock): Promise<DemoReport> {
  const { signal, teller } = services;

  clock.begin("backup");
  const backup = await backUpSample(sample, services);
  teller.backedUp(backup);

  clock.begin("look");
  const view = await lookInside(backup.path, signal);
  teller.lookedInside(view, backup);

  clock.begin("drop");
  const before = await takePicture(sample, signal);
  teller.beforeLoss(before);
  await dropTable(sample);
  const { loss, restored } = await whileLost(sample, backup, services, async () => {
    const found = await nameLoss(sample, before, signal);
    teller.lost(found);

    clock.begin("restore");
    const way = await planWayBack(backup, sample, services.home, signal);
    teller.restorePlanned(way.plan, backup);
    return { loss: found, restored: await bringBack(way, services, signal) };
  });
  teller.restored(restored);

  clock.begin("proof");
  const proof = prove(before, loss.gone, await takePicture(sample, signal));
  teller.proved(proof);
  return { sample, backup, view, loss, restored, proof, ...clock.end() };
}

/** Stopped while the table is gone, the story puts it back before it ends; a second Ctrl-C does not wait for that. */
async function whileLost<T>(
  sample: DemoSample,
  backup: BackupResult,
  services: DemoServices,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!services.signal.aborted || !(await putBack(sample, backup, services))) services.teller.leftIncomplete(backup);
    throw error;
  }
}

/** @returns whether the table is there again */
async function putBack(sample: DemoSample, backup: BackupResult, services: DemoServices): Promise<boolean> {
  services.teller.puttingBack();
  try {
    await bringBack(await planWayBack(backup, sample, services.home), services);
    return true;
  } catch (error) {
    // The stop came too late to undo the restore.
    return error instanceof AppError && error.code === "restore.objectsExist";
  }
}
