import { useSyncExternalStore } from "react";
import { formatRelative, formatTime } from "../../shared/text/format.ts";

/** One clock for all times on the screen. */
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(changed: () => void): () => void {
  listeners.add(changed);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const listener of listeners) listener();
  }, 1000);
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Now, in steps of `stepMs`: what uses it renders anew once a step. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(listen, () => {
    if (timer === undefined) nowMs = Date.now();
    return Math.floor(nowMs / stepMs) * stepMs;
  });
}

/** `3 min ago`, the exact time in this machine's zone on hover. */
export function RelativeTime({ iso, className }: { readonly iso: string; readonly className?: string | undefined }) {
  const text = useSyncExternalStore(listen, () => formatRelative(iso, Date.now()));
  return (
    <time dateTime={iso} title={formatTime(iso)} className={className}>
      {text}
    </time>
  );
}
