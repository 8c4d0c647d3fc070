import { useEffect, useRef, useState } from "react";

export interface LeaveGuard {
  /** Somebody wants to go elsewhere and has to be asked. */
  readonly isAsking: boolean;
  /** Goes where they wanted to go. */
  leave(): void;
  stay(): void;
}

/**
 * Holds back every way out of the screen (links, Back, the palette) while there is something to be asked about. Where the
 * browser cannot hold them back nobody is asked; nothing is lost then either, since drafts outlive their screen.
 */
export function useLeaveGuard(isNeeded: boolean): LeaveGuard {
  const [wanted, setWanted] = useState<NavigateEvent["destination"] | null>(null);
  const isLeaving = useRef(false);

  useEffect(() => {
    if (!isNeeded) return undefined;
    isLeaving.current = false;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onNavigate = (event: NavigateEvent) => {
      if (isLeaving.current || !event.cancelable || event.navigationType === "replace") return;
      event.preventDefault();
      setWanted(event.destination);
    };
    addEventListener("beforeunload", onUnload);
    // Browsers before 2026 have none.
    const navigation = "navigation" in window ? window.navigation : null;
    navigation?.addEventListener("navigate", onNavigate);
    return () => {
      removeEventListener("beforeunload", onUnload);
      navigation?.removeEventListener("navigate", onNavigate);
    };
  }, [isNeeded]);

  return {
    isAsking: wanted !== null,
    leave() {
      if (wanted === null) return;
      isLeaving.current = true;
      setWanted(null);
      // A place of the history is gone back to, so that Back stays what it was.
      const outcome = wanted.key === "" ? navigation.navigate(wanted.url) : navigation.traverseTo(wanted.key);
      outcome.finished?.catch(() => {});
      outcome.committed?.catch(() => {});
    },
    stay: () => setWanted(null),
  };
}
