import { createStore } from "zustand/vanilla";
import { navigate } from "../shell/router.ts";

/** Whether this window has begun with First run: once, so that Home can be gone to all the same. */
export const firstStart = createStore<{ readonly hasBegun: boolean }>(() => ({ hasBegun: false }));

/** A fresh home has nothing to show: it begins with the first backup. */
export function beginFirstRun(): void {
  if (firstStart.getState().hasBegun) return;
  firstStart.setState({ hasBegun: true });
  navigate({ screen: "first-run" }, { replace: true });
}
