import { useMemo } from "react";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { useClient } from "../../client/client-context.ts";
import { notify, notifyError } from "../../components/toasts.tsx";
import { navigate } from "../shell/router.ts";
import { texts } from "./texts.ts";

/** What can be done with a job; failures are told in a toast. */
export function useJobActions() {
  const client = useClient();
  return useMemo(
    () => ({
      async cancel(job: Job): Promise<void> {
        try {
          await client.invoke("jobs.cancel", { id: job.id });
        } catch (thrown) {
          notifyError(toErrorValue(thrown));
        }
      },
      /** Runs its request again and goes to the new job. */
      async retry(job: Job): Promise<void> {
        try {
          const { jobId } = await client.invoke("jobs.retry", { id: job.id });
          navigate({ screen: "activity", jobId });
          notify({ tone: "info", title: texts.retried });
        } catch (thrown) {
          notifyError(toErrorValue(thrown));
        }
      },
    }),
    [client],
  );
}
