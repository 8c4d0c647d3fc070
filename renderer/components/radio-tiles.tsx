import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import styles from "./radio-tiles.module.css";

export interface RadioTile<Value extends string> {
  readonly value: Value;
  readonly title: string;
  readonly disabled?: boolean | undefined;
}

export interface RadioTilesProps<Value extends string> {
  readonly label: string;
  readonly value: Value | null;
  readonly options: readonly RadioTile<Value>[];
  onChange(value: Value): void;
}

/** One of a dozen, known by their names alone, side by side. */
export function RadioTiles<Value extends string>({ label, value, options, onChange }: RadioTilesProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      className={styles.tiles}
    >
      {options.map((option) => (
        // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- the control is the Base UI radio within
        <label key={option.value} className={styles.tile} data-disabled={option.disabled ? "" : undefined}>
          <Radio.Root value={option.value} disabled={option.disabled ?? false} className={styles.radio}>
            <Radio.Indicator className={styles.dot} />
          </Radio.Root>
          <span>{option.title}</span>
        </label>
      ))}
    </RadioGroup>
  );
}
