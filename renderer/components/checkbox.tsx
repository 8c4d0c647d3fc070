import { Checkbox as Base } from "@base-ui/react/checkbox";
import type { ReactNode } from "react";
import styles from "./checkbox.module.css";
import { VisuallyHidden } from "./visually-hidden.tsx";

export type Tick = boolean | "mixed";

export interface CheckboxProps {
  readonly label: ReactNode;
  readonly hideLabel?: boolean;
  /** `mixed`: some of what it stands for is ticked. */
  readonly checked: Tick;
  onChange(checked: boolean): void;
  /** A second line. */
  readonly description?: ReactNode;
  readonly disabled?: boolean;
}

/** A tick with its words. From `mixed` it goes to ticked. */
export function Checkbox({ label, hideLabel = false, checked, onChange, description, disabled }: CheckboxProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- the control is the Base UI checkbox within
    <label className={styles.label}>
      <Base.Root
        checked={checked === true}
        indeterminate={checked === "mixed"}
        disabled={disabled ?? false}
        onCheckedChange={onChange}
        className={styles.box}
      >
        <TickSign tick={checked} />
      </Base.Root>
      {hideLabel ? (
        <VisuallyHidden>{label}</VisuallyHidden>
      ) : (
        <span className={styles.words}>
          {label}
          {description === undefined ? null : <span className={styles.description}>{description}</span>}
        </span>
      )}
    </label>
  );
}

/** The box alone, as it is drawn in rows that hold the tick themselves (Tree). */
export function TickBox({ tick }: { readonly tick: Tick }) {
  return (
    <span
      aria-hidden
      className={styles.box}
      data-checked={tick === true ? "" : undefined}
      data-indeterminate={tick === "mixed" ? "" : undefined}
    >
      <TickSign tick={tick} />
    </span>
  );
}

function TickSign({ tick }: { readonly tick: Tick }) {
  if (tick === false) return null;
  return (
    <svg viewBox="0 0 12 12" aria-hidden className={styles.sign}>
      <path d={tick === "mixed" ? "M3 6h6" : "M2.8 6.2 5 8.4l4.2-4.8"} />
    </svg>
  );
}
