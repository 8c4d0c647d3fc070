import { useCallback, useRef, useState } from "react";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";

/** Something a person starts that may fail: a form that is sent, a dialog's button that goes on. */
export interface Work {
  readonly isBusy: boolean;
  /** Of the last try; it goes with the next one. */
  readonly error: ErrorValue | null;
  /** Does it, unless it is being done already. True where it was done. */
  run(work: () => Promise<unknown>): Promise<boolean>;
  /** Forgets the error: what it was about has changed. */
  forget(): void;
}

/** One thing at a time that may fail. */
export function useWork(): Work {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);
  // Two clicks in one frame see the same state.
  const isRunning = useRef(false);

  const run = useCallback(async (work: () => Promise<unknown>) => {
    if (isRunning.current) return false;
    isRunning.current = true;
    setIsBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      setError(toErrorValue(thrown));
      return false;
    } finally {
      isRunning.current = false;
      setIsBusy(false);
    }
  }, []);
  const forget = useCallback(() => setError(null), []);
  return { isBusy, error, run, forget };
}
