import type { ComponentPropsWithRef, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./icon-button.module.css";
import { Tooltip } from "./tooltip.tsx";

export interface IconButtonProps extends Omit<ComponentPropsWithRef<"button">, "aria-label" | "title"> {
  /** What it does; its name and its tooltip. */
  readonly label: string;
  /** `Ctrl K`, shown in the tooltip. */
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
}

/** A button whose sign is known well enough to stand alone. */
export function IconButton({ label, shortcut, className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button type="button" {...rest} aria-label={label} className={classNames(styles.button, className)}>
        {children}
      </button>
    </Tooltip>
  );
}
