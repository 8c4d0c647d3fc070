import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";
import field from "./field.module.css";
import styles from "./select.module.css";
import visuallyHidden from "./visually-hidden.module.css";

export interface SelectOption<Value extends string> {
  readonly value: Value;
  /** Text, for typing ahead. */
  readonly label: string;
  /** A second line in the list. */
  readonly description?: string | undefined;
  /** Before the label: a dot or sign. */
  readonly icon?: ReactNode;
  readonly disabled?: boolean | undefined;
}

export interface SelectProps<Value extends string> {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly value: Value | null;
  readonly options: readonly SelectOption<Value>[];
  onChange(value: Value): void;
  readonly placeholder?: string;
  readonly hint?: ReactNode;
  readonly disabled?: boolean;
  readonly size?: "small" | "medium";
  readonly className?: string | undefined;
}

/** One of a few values. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, hideLabel = false, value, options, onChange, placeholder, hint, disabled = false } = props;
  const id = useId();
  const chosen = options.find((option) => option.value === value);
  return (
    <div className={classNames(field.field, props.className)}>
      <span id={id} className={classNames(field.label, hideLabel && visuallyHidden.hidden)}>
        {label}
      </span>
      <Base.Root
        value={value}
        disabled={disabled}
        onValueChange={(next) => {
          if (next !== null) onChange(next);
        }}
        items={options.map((option) => ({ value: option.value, label: option.label }))}
      >
        <Base.Trigger
          aria-labelledby={id}
          className={classNames(styles.trigger, props.size === "small" && styles.small)}
        >
          {chosen?.icon}
          <Base.Value className={styles.value}>{chosen?.label ?? placeholder ?? "Choose"}</Base.Value>
          <Base.Icon className={styles.arrow}>
            <ChevronsUpDown aria-hidden />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner className={styles.positioner} sideOffset={4} alignItemWithTrigger={false}>
            <Base.Popup className={styles.popup}>
              <Base.List className={styles.list}>
                {options.map((option) => (
                  <Base.Item
                    key={option.value}
                    value={option.value}
                    label={option.label}
                    disabled={option.disabled ?? false}
                    className={styles.item}
                  >
                    <span className={styles.tick}>
                      <Base.ItemIndicator>
                        <Check aria-hidden />
                      </Base.ItemIndicator>
                    </span>
                    {option.icon}
                    <span className={styles.words}>
                      <Base.ItemText>{option.label}</Base.ItemText>
                      {option.description === undefined ? null : (
                        <span className={styles.description}>{option.description}</span>
                      )}
                    </span>
                  </Base.Item>
                ))}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
      {hint === undefined ? null : <span className={styles.hint}>{hint}</span>}
    </div>
  );
}
