import { useMemo } from "react";
import { judge, type Protection } from "../../../shared/policy/protection.ts";
import { listWatched } from "../../../shared/policy/watched-databases.ts";
import { useNow } from "../../components/relative-time.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useJobs } from "../../stores/jobs.ts";
import { useKeys } from "../../stores/keys.ts";
import { useProfiles } from "../../stores/profiles.ts";

/** Every database with how well it is protected, judged anew each minute; null until it is known. */
export function useProtection(): readonly Protection[] | null {
  const profiles = useProfiles(({ value }) => value);
  const backups = useBackups(({ value }) => value?.backups ?? null);
  const jobs = useJobs((state) => state.jobs);
  const keys = useKeys(({ value }) => value);
  const nowMs = useNow(60_000);
  const watched = useMemo(
    () => (profiles === null || backups === null ? null : listWatched(profiles, backups, jobs ?? [])),
    [profiles, backups, jobs],
  );
  return useMemo(() => {
    const known = keys?.filter(({ kitTriedAt }) => kitTriedAt !== null).map(({ recipient }) => recipient);
    const tried = known === undefined ? null : new Set(known);
    return watched?.map((database) => judge(database, nowMs, tried)) ?? null;
  }, [watched, keys, nowMs]);
}
