import { useEffect, useRef } from "react";
import type { BackupChecks } from "../../../shared/contract/views.ts";
import { useClient } from "../../client/client-context.ts";
import { type Loaded, useLoaded } from "../../client/use-loaded.ts";
import { useVerdict } from "./use-verdicts.ts";

/**
 * What checks found of the backup at a path, as it stands beside it; asked for again when a verification of this machine
 * has come to a verdict.
 */
export function useChecks(path: string): Loaded<BackupChecks> {
  const client = useClient();
  const checks = useLoaded(path, () => client.invoke("backups.checks", { path }));
  const { reload } = checks;
  const verdict = useVerdict(path);
  // One that runs as this begins has its verdict still before it.
  const decided = verdict === null || verdict.kind === "running" ? null : verdict.jobId;
  const seen = useRef(decided);

  useEffect(() => {
    if (decided === null || seen.current === decided) return;
    seen.current = decided;
    reload();
  }, [decided, reload]);

  return checks;
}
