import { useMemo } from "react";
import { readVerdicts, type Verdict } from "../../../shared/policy/verdicts.ts";
import { useJobs } from "../../stores/jobs.ts";

/** Verdicts by path, followed. */
export function useVerdicts(): ReadonlyMap<string, Verdict> {
  const jobs = useJobs((state) => state.jobs);
  return useMemo(() => readVerdicts(jobs ?? []), [jobs]);
}

/** That of one file; null where nobody has verified it. */
export function useVerdict(path: string): Verdict | null {
  return useVerdicts().get(path) ?? null;
}
