import type { ComponentPropsWithRef, ReactNode } from "react";
import styles from "./button.module.css";
import { classNames } from "./class-names.ts";

export interface ButtonProps extends ComponentPropsWithRef<"button"> {
  readonly variant?: "primary" | "secondary" | "quiet" | "danger";
  readonly size?: "small" | "medium" | "large";
  /** Something it started is under way: it keeps its place and focus, and does nothing. */
  readonly busy?: boolean;
  readonly icon?: ReactNode;
}

/** Does something here and now. What only leads to another place is a link. */
export function Button(props: ButtonProps) {
  const { variant = "secondary", size = "medium", busy = false, icon, className, children, onClick, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      data-variant={variant}
      className={classNames(styles.button, styles[variant], styles[size], className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest.disabled || undefined}
      onClick={busy ? undefined : onClick}
    >
      {icon}
      {children}
    </button>
  );
}
