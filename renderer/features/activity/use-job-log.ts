import { useEffect, useState } from "react";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { useClient } from "../../client/client-context.ts";
export interface FollowedLog {
  /** null before the first answer. */
  readonly text: string | null;
  readonly error: ErrorValue | null;
  /** Older lines were left out. */
  readonly isCut: boolean;
}
/** More is nothing a person reads in a window. */
const keptCharacters = 400_000;
const pauseMs = 700;

/** A job's log from its beginning; while the job runs it is asked for more, and once when it has ended. */
export function useJobLog(jobId: string, isLive: boolean): FollowedLog {
  const client = useClient();
  const [log, setLog] = useState<FollowedLog>({ text: null, error: null, isCut: false });

  useEffect(() => {
    let isWanted = true;
    let offset = 0;
    let text = "";
    let isCut = false;

    async function follow(): Promise<void> {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one piece after the other
        const piece = await client.invoke("jobs.log", { id: jobId, offset });
        if (!isWanted) return;
        const whole = text + piece.text;
        isCut ||= whole.length > keptCharacters;
        text = isCut ? whole.slice(whole.indexOf("\n", whole.length - keptCharacters) + 1) : whole;
        const isMore = piece.nextOffset > offset && piece.text !== "";
        offset = piece.nextOffset;
        setLog({ text, error: null, isCut });
        if (isMore) continue;
        if (!isLive) return;
        // oxlint-disable-next-line no-await-in-loop -- a pause between two questions
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }

    follow().catch((thrown: unknown) => {
      if (isWanted) setLog((last) => ({ ...last, error: toErrorValue(thrown) }));
    });
    return () => {
      isWanted = false;
    };
  }, [client, jobId, isLive]);

  return log;
}
