import { Field } from "@base-ui/react/field";
import type { ComponentPropsWithRef, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import field from "./field.module.css";
import styles from "./text-field.module.css";
import visuallyHidden from "./visually-hidden.module.css";

export interface TextFieldProps extends Omit<ComponentPropsWithRef<"input">, "value" | "onChange" | "size"> {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  /** What belongs in it, below the field. */
  readonly hint?: ReactNode;
  /** What is wrong with it; null where nothing is. */
  readonly error?: string | null | undefined;
  /** Names, URLs and patterns, where every character counts. */
  readonly mono?: boolean;
  /** The label is for those who listen alone. */
  readonly hideLabel?: boolean;
  /** Within the field's frame, at its end. */
  readonly trailing?: ReactNode;
}

/** One line of text with its label, hint and error. */
export function TextField(props: TextFieldProps) {
  const { label, value, onChange, hint, error, mono = false, hideLabel = false, trailing, className, ...rest } = props;
  const hasError = error !== null && error !== undefined;
  return (
    <Field.Root className={classNames(field.field, className)} invalid={hasError}>
      <Field.Label className={classNames(field.label, hideLabel && visuallyHidden.hidden)}>{label}</Field.Label>
      <div className={styles.frame}>
        <Field.Control
          autoComplete="off"
          spellCheck={false}
          {...rest}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={classNames(styles.input, mono && styles.mono)}
        />
        {trailing}
      </div>
      {hint === undefined ? null : <Field.Description className={styles.hint}>{hint}</Field.Description>}
      {hasError ? (
        <Field.Error match className={styles.error}>
          {error}
        </Field.Error>
      ) : null}
    </Field.Root>
  );
}
