import { createStore } from "zustand/vanilla";
import { createStoreHook } from "../../stores/store-hook.ts";
import type { ProfileDraft } from "./profile-draft.ts";

/** What was typed and not saved, by the profile's saved name (empty for a new one): it outlives leaving the screen. */
export interface DraftsState {
  readonly drafts: Readonly<Record<string, ProfileDraft>>;
  keep(key: string, draft: ProfileDraft): void;
  drop(key: string): void;
}

export const useDrafts = createStoreHook(() =>
  createStore<DraftsState>((set) => ({
    drafts: {},
    keep: (key, draft) => set(({ drafts }) => ({ drafts: { ...drafts, [key]: draft } })),
    drop: (key) =>
      set(({ drafts }) => ({ drafts: Object.fromEntries(Object.entries(drafts).filter(([each]) => each !== key)) })),
  })),
);
