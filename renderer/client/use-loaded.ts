import { useCallback, useEffect, useRef, useState } from "react";
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
  readonly value: Value | null;
  readonly error: ErrorValue | null;
  readonly isLoading: boolean;
}

/**
 * Fetches once per key and answers with the newest fetch alone; a new key begins without a value.
 * `load` may be a new function at each render: only the key decides.
 */
export function useLoaded<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
  const [outcome, setOutcome] = useState<Outcome<Value>>({ key, value: null, error: null, isLoading: true });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;

  useEffect(() => {
    let isCurrent = true;
    setOutcome((last) => ({ key, value: last.key === key ? last.value : null, error: null, isLoading: true }));
    loader.current().then(
      (value) => {
        if (isCurrent) setOutcome({ key, value, error: null, isLoading: false });
      },
      (thrown: unknown) => {
        if (!isCurrent) return;
        setOutcome((last) => ({ key, value: last.value, error: toErrorValue(thrown), isLoading: false }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);

  const reload = useCallback(() => setRound((last) => last + 1), []);
  const isStale = outcome.key !== key;
  return {
    value: isStale ? null : outcome.value,
    error: isStale ? null : outcome.error,
    isLoading: isStale || outcome.isLoading,
    reload,
  };
}
