import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./radio-cards.module.css";

export interface RadioCard<Value extends string> {
  readonly value: Value;
  readonly title: ReactNode;
  /** After the title, quieter: where, which version, how large. */
  readonly detail?: ReactNode;
  /** The second line: what it means to choose it. */
  readonly description?: ReactNode;
  /** At the right. */
  readonly trailing?: ReactNode;
  readonly disabled?: boolean | undefined;
}

export interface RadioCardsProps<Value extends string> {
  readonly label: string;
  readonly value: Value | null;
  readonly options: readonly RadioCard<Value>[];
  onChange(value: Value): void;
  /** Less space around each. */
  readonly dense?: boolean;
  /** Below the last card, in the same frame. */
  readonly footer?: ReactNode;
}

/** One of a few ways, each with what it means. */
export function RadioCards<Value extends string>(props: RadioCardsProps<Value>) {
  const { label, value, options, onChange, dense = false, footer } = props;
  return (
    <div className={classNames(styles.frame, dense && styles.dense)}>
      <RadioGroup aria-label={label} value={value} onValueChange={(next) => next !== null && onChange(next)}>
        {options.map((option) => (
          // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- the control is the Base UI radio within
          <label key={option.value} className={styles.card} data-disabled={option.disabled ? "" : undefined}>
            <Radio.Root value={option.value} disabled={option.disabled ?? false} className={styles.radio}>
              <Radio.Indicator className={styles.dot} />
            </Radio.Root>
            <span className={styles.words}>
              <span className={styles.first}>
                <b className={styles.title}>{option.title}</b>
                {option.detail === undefined ? null : <span className={styles.detail}>{option.detail}</span>}
              </span>
              {option.description === undefined ? null : (
                <span className={styles.description}>{option.description}</span>
              )}
            </span>
            {option.trailing}
          </label>
        ))}
      </RadioGroup>
      {footer}
    </div>
  );
}
