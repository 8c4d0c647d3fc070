import type { PlannedRestore, RestoreDraft, RestoreState } from "./restore-store.ts";

const KEY = "lifeboat.restore";
const MOST_PLANS = 5;

/** Keeps plans and draft in the tab, so that a reload goes on where it was. A password that an address holds is not kept. */
export function keepInTab({ plans, draft }: RestoreState): void {
  const kept = [...plans.values()]
    .filter(({ request }) => request.into.kind !== "url" || !mayHoldPassword(request.into.url))
    .slice(-MOST_PLANS)
    .map((planned) => ({ ...planned, kinds: [...planned.kinds] }));
  const url = mayHoldPassword(draft.url) ? "" : draft.url;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ plans: kept, draft: { ...draft, url } }));
  } catch {
    // A full store costs the plan at the next reload, nothing else.
  }
}

/** What the tab kept. The services still check each plan before they start it. */
export function readFromTab(empty: RestoreDraft): RestoreState {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above, by this version's page of this origin
    const { plans, draft } = JSON.parse(sessionStorage.getItem(KEY) ?? "") as Kept;
    return {
      plans: new Map(plans.map((planned) => [planned.plan.planId, { ...planned, kinds: new Map(planned.kinds) }])),
      draft: { ...empty, ...draft },
    };
  } catch {
    return { plans: new Map(), draft: empty };
  }
}

interface Kept {
  readonly plans: readonly (Omit<PlannedRestore, "kinds"> & { readonly kinds: readonly [number, string][] })[];
  readonly draft: RestoreDraft;
}

function mayHoldPassword(url: string): boolean {
  return /:[^/@]*@|password/i.test(url);
}
