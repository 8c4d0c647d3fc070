import { useCallback, useEffect, useEffectEvent, useState } from "react";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";

/** Something that is fetched. While it is fetched again the last value stays; an error stands beside it, too. */
export interface Loaded<Value> {
  readonly value: Value | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
  /** Fetches it again. */
  reload(): void;
}

interface Outcome<Value> {
  readonly key: string;
  readonly round: number;
  readonly value: Value | null;
  readonly error: ErrorValue | null;
}

/**
 * Fetches once per key and answers with the newest fetch alone; a new key begins without a value.
 * `load` may be a new function at each render: only the key decides.
 */
export function useLoaded<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
  const [round, setRound] = useState(0);
  const [outcome, setOutcome] = useState<Outcome<Value> | null>(null);
  const loadNow = useEffectEvent(load);

  useEffect(() => {
    let isCurrent = true;
    async function fetchOnce(): Promise<void> {
      try {
        const value = await loadNow();
        if (isCurrent) setOutcome({ key, round, value, error: null });
      } catch (thrown) {
        if (!isCurrent) return;
        const error = toErrorValue(thrown);
        setOutcome((last) => ({ key, round, value: last?.key === key ? last.value : null, error }));
      }
    }
    void fetchOnce();
    return () => {
      isCurrent = false;
    };
  }, [key, round]);

  const reload = useCallback(() => setRound((last) => last + 1), []);
  const known = outcome?.key === key ? outcome : null;
  const isLoading = known === null || known.round !== round;
  return { value: known?.value ?? null, error: isLoading ? null : known.error, isLoading, reload };
}
