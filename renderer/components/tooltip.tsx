import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";
import { Kbd } from "./kbd.tsx";
import styles from "./tooltip.module.css";

export interface TooltipProps {
  /** What it adds; nothing that is needed may stand here alone. */
  readonly text: string;
  readonly shortcut?: string | undefined;
  /** One element that takes a ref and can have the focus. */
  readonly children: ReactElement<Record<string, unknown>>;
}

/** A short text beside what the pointer or the focus is on. */
export function Tooltip({ text, shortcut, children }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={styles.positioner}>
          <Base.Popup className={styles.popup}>
            {text}
            {shortcut === undefined ? null : <Kbd keys={shortcut} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Around the window: after one tooltip was shown the next comes at once. */
export const TooltipProvider = Base.Provider;
