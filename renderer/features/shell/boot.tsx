import { useEffect, useLayoutEffect, useState } from "react";
import { useStore } from "zustand";
import { useHello } from "../../stores/hello.ts";
import { beginFirstRun, firstStart } from "../first-run/first-start.ts";
import { Mark } from "./mark.tsx";
import { useRoute } from "./router.ts";

/** What index.html shows before the code runs, in the same place. */
export function Boot() {
  return (
    <div className="boot">
      <Mark />
      Lifeboat
    </div>
  );
}

/** Longer nobody is kept waiting for what is about to be known. */
const patienceMs = 300;

/**
 * Whether it is known what the window begins with. A fresh home begins with First run, without Home's frame before it; a
 * window that was sent to a place begins there.
 */
export function useBegun(): boolean {
  const isHome = useRoute().screen === "home";
  const [wasHome] = useState(isHome);
  const isFresh = useHello(({ value, error }) => (value === null && error === null ? null : value?.isFresh === true));
  const hasBegunFresh = useStore(firstStart, ({ hasBegun }) => hasBegun);
  const [isPatient, setIsPatient] = useState(true);

  useEffect(() => {
    const timer = setTimeout(() => setIsPatient(false), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  // Before anything is painted, so that First run is the first thing seen.
  useLayoutEffect(() => {
    if (wasHome && isFresh === true) beginFirstRun();
  }, [wasHome, isFresh]);
  return !wasHome || (isFresh === null ? !isPatient : !isFresh || hasBegunFresh);
}
