import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 1179px)");

function listen(changed: () => void): () => void {
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** There is no room for three panes. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(listen, () => query.matches);
}
