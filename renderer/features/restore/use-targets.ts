import { useMemo } from "react";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { useProfiles } from "../../stores/profiles.ts";
import { listTargets, type Target } from "./targets.ts";

/** Servers that can be restored into or compared with; null until they are known. */
export function useTargets(): readonly Target[] | null {
  const client = useClient();
  const profiles = useProfiles(({ value }) => value);
  const sample = useLoaded("sample", () => client.invoke("sample.status", {}));
  return useMemo(
    () => (profiles === null || sample.isLoading ? null : listTargets(profiles, sample.value)),
    [profiles, sample.isLoading, sample.value],
  );
}
