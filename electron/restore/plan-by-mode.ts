import { planBeside } from "../beside/plan-beside.ts";
import { planRestore, type RestoreServices } from "./plan-restore.ts";
import type { RestorePlan } from "./restore-plan.ts";
import type { RestoreRequest } from "./restore-request.ts";

/** The plan for a request, whatever its mode. @throws as the mode's own planning */
export function planByMode(
  request: RestoreRequest,
  services: RestoreServices,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  return request.mode === "beside" ? planBeside(request, services, signal) : planRestore(request, services, signal);
}
