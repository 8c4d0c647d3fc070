import { planBeside } from "../beside/plan-beside.ts";
import { planReplace } from "../replace/plan-replace.ts";
import { planSwap } from "../swap/plan-swap.ts";
import { planRestore, type RestoreServices } from "./plan-restore.ts";
import type { RestorePlan } from "./restore-plan.ts";
import type { RestoreRequest } from "./restore-request.ts";

/** The plan for a request, whatever its mode. @throws as the mode's own planning */
export function planByMode(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  switch (request.mode) {
    case "beside":
      return planBeside(request, services, signal);
    case "replace":
      return planReplace(request, services, signal);
    case "swap":
      return planSwap(request, services, signal);
    default:
      return planRestore(request, services, signal);
  }
}
