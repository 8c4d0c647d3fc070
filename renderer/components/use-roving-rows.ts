import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";

export interface RovingRowsOptions {
  readonly count: number;
  readonly rowHeight: number;
  /** Height of what sticks at the top. */
  readonly headHeight?: number;
  /** The row that can have the focus at first. */
  readonly start?: number;
}

/**
 * Rows of one height of which only those in view exist, one of them in the tab order. The active row is kept alive while it
 * is out of view, so that the focus is never lost by scrolling.
 */
export function useRovingRows({ count, rowHeight, headHeight = 0, start = 0 }: RovingRowsOptions) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setActive] = useState(start);
  const wantsFocus = useRef(false);
  const active = Math.max(0, Math.min(chosen, count - 1));

  // oxlint-disable-next-line react/incompatible-library -- no compiler runs over this code
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
    useFlushSync: false,
    rangeExtractor(range) {
      const indexes = defaultRangeExtractor(range);
      if (active >= count || indexes.includes(active)) return indexes;
      return [...indexes, active].toSorted((a, b) => a - b);
    },
  });

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-row="${active}"]`);
    if (element === null || element === undefined) return;
    wantsFocus.current = false;
    focusWithin(element);
  });

  /** Makes a row the active one, in view and with the focus. */
  function moveTo(index: number): void {
    const next = Math.max(0, Math.min(index, count - 1));
    wantsFocus.current = true;
    setActive(next);
    virtualizer.scrollToIndex(next);
  }

  /** Up, Down, Home, End, PageUp, PageDown. @returns whether the key was one of them */
  function onArrows(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: active - 1,
      ArrowDown: active + 1,
      Home: 0,
      End: count - 1,
      PageUp: active - page,
      PageDown: active + page,
    };
    const target = targets[event.key];
    if (target === undefined) return false;
    event.preventDefault();
    moveTo(target);
    return true;
  }

  return { scroller, virtualizer, active, setActive, moveTo, onArrows };
}

/** The row itself, or the cell in it that is in the tab order. */
function focusWithin(row: HTMLElement): void {
  const target = row.tabIndex === 0 ? row : (row.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]') ?? row);
  target.focus({ preventScroll: true });
}
