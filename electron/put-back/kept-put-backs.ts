import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import type { PutBackServices } from "./plan-put-back.ts";
import type { PutBackPlan } from "./put-back-plan.ts";
import { removeScript } from "./run-script.ts";

/** Plans that were shown, to be started as they were shown. Their scripts hold data, so only a few are kept, not for long. */
export interface KeptPutBacks {
  keep(plan: PutBackPlan, services: PutBackServices): Promise<string>;
  /**
   * Gives a plan out, once; whoever takes it runs it, which removes its script.
   * @param confirmation what a person typed
   * @throws restore.planOutdated, restore.confirmationNeeded (the plan stays)
   */
  take(planId: string, confirmation: string | null): { plan: PutBackPlan; services: PutBackServices };
}

const mostPlans = 3;
const planLifeMs = 30 * 60_000;

export function createKeptPutBacks(): KeptPutBacks {
  const kept = new Map<string, { plan: PutBackPlan; services: PutBackServices; until: number }>();

  async function forgetOld(): Promise<void> {
    const now = Date.now();
    const old = [...kept].filter(([, { until }], at) => until < now || at < kept.size - mostPlans);
    for (const [planId] of old) kept.delete(planId);
    await Promise.all(old.map(([, { plan }]) => removeScript(plan.script)));
  }

  return {
    async keep(plan, services) {
      const planId = randomBytes(18).toString("base64url");
      kept.set(planId, { plan, services, until: Date.now() + planLifeMs });
      await forgetOld();
      return planId;
    },
    take(planId, confirmation) {
      const found = kept.get(planId);
      if (found === undefined || found.until < Date.now())
        throw new AppError("restore.planOutdated", "This plan is too old, or was started already.");
      const { plan, services } = found;
      confirmPutBack(plan.request.target.environment === "production" ? plan.database : null, confirmation);
      kept.delete(planId);
      return { plan, services };
    },
  };
}

/** @throws restore.confirmationNeeded where a name has to be typed and was not */
export function confirmPutBack(wanted: string | null, confirmation: string | null): void {
  if (wanted === null || confirmation === wanted) return;
  throw new AppError("restore.confirmationNeeded", `${wanted} is on a production server. This was not confirmed.`, {
    hint: `Type the database's name: ${wanted}`,
  });
}
