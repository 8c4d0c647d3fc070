import { performance } from "node:perf_hooks";

export type StepId = "tools" | "sample" | "backup" | "look" | "drop" | "restore" | "proof";

/** A step that has ended. */
export interface StepTime {
  readonly id: StepId;
  readonly elapsedMs: number;
}

/** Measures steps that follow one another. */
export interface StepClock {
  /** Ends the step before. */
  begin(id: StepId): void;
  end(): { readonly steps: readonly StepTime[]; readonly elapsedMs: number };
}

export function createStepClock(onBegin: (id: StepId) => void): StepClock {
  const begun: { readonly id: StepId; readonly at: number }[] = [];
  return {
    begin(id) {
      begun.push({ id, at: performance.now() });
      onBegin(id);
    },
    end() {
      const now = performance.now();
      const steps = begun.map(({ id, at }, index) => {
        return { id, elapsedMs: Math.round((begun[index + 1]?.at ?? now) - at) };
      });
      return { steps, elapsedMs: Math.round(now - (begun[0]?.at ?? now)) };
    },
  };
}
