import { createHash, randomBytes } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import { stateOfArchive } from "../archives/open-stored-archive.ts";
import type { RestoreServices } from "./plan-restore.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { commandsOf, sqlBefore } from "./show-plan.ts";

/** Plans that were shown, to be started as they were shown and not otherwise. */
export interface KeptPlans {
  /** The id names this very plan: what it holds is part of it. */
  keep(plan: RestorePlan, services: RestoreServices): Promise<string>;
  /**
   * Gives a plan out, once.
   * @param confirmation what a person typed
   * @throws restore.planOutdated, restore.confirmationNeeded (the plan stays)
   */
  take(planId: string, confirmation: string | null): Promise<{ plan: RestorePlan; services: RestoreServices }>;
}

const mostPlans = 50;
const planLifeMs = 30 * 60_000;

interface KeptPlan {
  readonly plan: RestorePlan;
  readonly services: RestoreServices;
  readonly archiveAt: string;
  readonly until: number;
}

export function createKeptPlans(): KeptPlans {
  const kept = new Map<string, KeptPlan>();
  return {
    async keep(plan, services) {
      const planId = `${hashOf(plan)}-${randomBytes(12).toString("base64url")}`;
      kept.set(planId, {
        plan,
        services,
        archiveAt: await archiveState(plan, services),
        until: Date.now() + planLifeMs,
      });
      const [oldest] = kept.keys();
      if (kept.size > mostPlans && oldest !== undefined) kept.delete(oldest);
      return planId;
    },
    async take(planId, confirmation) {
      const found = kept.get(planId);
      const isOutdated =
        found === undefined ||
        found.until < Date.now() ||
        found.archiveAt !== (await archiveState(found.plan, found.services));
      if (isOutdated)
        throw new AppError(
          "restore.planOutdated",
          "This plan is too old, was started already, or the archive has changed.",
        );
      const { plan, services } = found;
      const wanted = nameToType(plan);
      if (wanted !== null && confirmation !== wanted)
        throw new AppError("restore.confirmationNeeded", `${plan.confirmation ?? ""} This was not confirmed.`.trim(), {
          hint: `Type its name: ${wanted}`,
        });
      // Taken out in the same turn as it was found, so that two clicks start one restore.
      if (!kept.delete(planId)) throw new AppError("restore.planOutdated", "This plan was started already.");
      return { plan, services };
    },
  };
}

/** What has to be typed to confirm a plan; null where a click is enough. */
export function nameToType(plan: RestorePlan): string | null {
  return plan.confirmation !== null && plan.request.target.environment === "production" ? nameOfTarget(plan) : null;
}

/** By what a person names the target: its database; where several are made, the server they are made on. */
export function nameOfTarget({ cluster, host, database }: RestorePlan): string {
  return cluster === null ? database : host;
}

function hashOf(plan: RestorePlan): string {
  const { request, database, host, port, entries, mapped } = plan;
  const what = JSON.stringify([request, database, host, port, entries, mapped, sqlBefore(plan), commandsOf(plan)]);
  return createHash("sha256").update(what).digest("base64url").slice(0, 16);
}

async function archiveState({ request }: RestorePlan, services: RestoreServices): Promise<string> {
  return stateOfArchive(request.archive, services).catch(() => "gone");
}
