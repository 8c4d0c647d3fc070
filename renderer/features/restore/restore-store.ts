import { createStore } from "zustand/vanilla";
import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { RestorePlanView } from "../../../shared/contract/views.ts";
import type { JobId } from "../../../shared/job/job.ts";
import type { Client } from "../../client/client.ts";
import { createStoreHook, perClient } from "../../stores/store-hook.ts";
import { keepInTab, readFromTab } from "./kept-in-tab.ts";

export type RestoreRequest = ArgsOf<"restore.plan">;

/** A plan that was made in this window, and the job it became. */
export interface PlannedRestore {
  readonly plan: RestorePlanView;
  readonly request: RestoreRequest;
  /** Kinds of the entries that are objects of their own, in a word, by dump ID; parts of others are not in it. */
  readonly kinds: ReadonlyMap<number, string>;
  /** What was ticked beside tables, by kind and name. */
  readonly objects: readonly string[];
  /** null: not started. */
  readonly jobId: JobId | null;
}

/** Words for what a plan names by numbers alone; they come from the open archive. */
export interface PlanWords {
  /** null for what is a part of another object. */
  kindOf(dumpId: number): string | null;
  readonly objects: readonly string[];
}

/** Where and how to restore, as it stands in the tray. Kept while archives are opened and closed. */
export interface RestoreDraft {
  /** `profile:shop`, `sample`, `url`; null: the first that fits. */
  readonly into: string | null;
  readonly url: string;
  readonly mode: RestoreRequest["mode"];
  /** null: Lifeboat's own proposal. */
  readonly newName: string | null;
  /** Of `beside`: the schema; empty: Lifeboat's own proposal. */
  readonly besideSchema: string;
  readonly noOwner: boolean;
  readonly noPrivileges: boolean;
}

export interface RestoreState {
  readonly plans: ReadonlyMap<string, PlannedRestore>;
  readonly draft: RestoreDraft;
}

const emptyDraft: RestoreDraft = {
  into: null,
  url: "",
  mode: "new-database",
  newName: null,
  besideSchema: "",
  noOwner: false,
  noPrivileges: false,
};

export function createRestoreStore(client: Client) {
  const store = createStore<RestoreState>(() => readFromTab(emptyDraft));
  store.subscribe(keepInTab);

  function keep(planned: PlannedRestore): void {
    store.setState(({ plans }) => ({ plans: new Map(plans).set(planned.plan.planId, planned) }));
  }

  return Object.assign(store, {
    change(part: Partial<RestoreDraft>): void {
      store.setState(({ draft }) => ({ draft: { ...draft, ...part } }));
    },
    /** Has everything looked at and decided; nothing is changed by it. */
    async plan(request: RestoreRequest, { kindOf, objects }: PlanWords): Promise<RestorePlanView> {
      const plan = await client.invoke("restore.plan", request);
      const kinds = new Map<number, string>();
      for (const { dumpId } of [...plan.added, ...plan.kept, ...plan.offered]) {
        const kind = kindOf(dumpId);
        if (kind !== null) kinds.set(dumpId, kind);
      }
      // A password has served its purpose: it is not kept beside the plan.
      keep({ plan, request: withoutPassword(request), kinds, objects, jobId: null });
      return plan;
    },
    /** Starts exactly the plan. */
    async start(planId: string, confirmation: string | null): Promise<void> {
      const { jobId } = await client.invoke("restore.start", { planId, confirmation });
      const planned = store.getState().plans.get(planId);
      if (planned !== undefined) keep({ ...planned, jobId });
    },
  });
}

function withoutPassword(request: RestoreRequest): RestoreRequest {
  const { password: _password, ...rest } = request;
  return rest;
}

export const restoreStoreOf = perClient(createRestoreStore);
export const useRestore = createStoreHook<RestoreState>(restoreStoreOf);
