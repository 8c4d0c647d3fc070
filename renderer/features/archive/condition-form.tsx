import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { RowColumn } from "../../../shared/rows/row-columns.ts";
import { type RowCondition, type RowOperator, rowOperators } from "../../../shared/rows/row-condition.ts";
import { kindOfType, type ValueKind } from "../../../shared/rows/value-type.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./filter-bar.module.css";
import { texts } from "./texts.ts";

export interface ConditionFormProps {
  readonly columns: readonly RowColumn[];
  onAdd(condition: RowCondition): void;
  onClose(): void;
}

const operators = rowOperators.map((value) => ({ value, label: texts.operators[value] }));

const examples: Partial<Record<ValueKind, string>> = { number: "100", time: "2026-11-28", boolean: "true" };

/** One condition: a column, how its values are compared, and with what. Enter adds it, Esc closes. */
export function ConditionForm({ columns, onAdd, onClose }: ConditionFormProps) {
  const [column, setColumn] = useState(columns[0]?.name ?? "");
  const [operator, setOperator] = useState<RowOperator>("=");
  const [value, setValue] = useState("");
  const hasValue = operator !== "is null" && operator !== "is not null";
  const type = columns.find(({ name }) => name === column)?.type ?? null;

  function add(event: FormEvent): void {
    event.preventDefault();
    const values = operator === "in" ? value.split(",").map((each) => each.trim()) : hasValue ? [value] : [];
    onAdd({ column, operator, values });
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Esc from any of its fields
    <form
      className={styles.form}
      aria-label={texts.condition}
      onSubmit={add}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <Select
        label={texts.conditionColumn}
        hideLabel
        size="small"
        className={styles.column}
        value={column}
        options={columns.map(({ name, type: columnType }) => ({
          value: name,
          label: visibleText(name),
          description: columnType === null ? undefined : visibleText(columnType),
        }))}
        onChange={setColumn}
      />
      <Select<RowOperator>
        label={texts.conditionOperator}
        hideLabel
        size="small"
        className={styles.operator}
        value={operator}
        options={operators}
        onChange={setOperator}
      />
      {hasValue ? (
        <TextField
          label={operator === "in" ? texts.conditionValues : texts.conditionValue}
          hideLabel
          mono
          className={styles.value}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the form was just opened to be filled in
          autoFocus
          placeholder={operator === "in" ? texts.conditionValues : (examples[kindOfType(type)] ?? texts.conditionValue)}
          maxLength={1000}
          value={value}
          onChange={setValue}
        />
      ) : null}
      <Button size="small" type="submit" variant="primary">
        {texts.apply}
      </Button>
      <IconButton label={texts.closeCondition} shortcut="Esc" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
    </form>
  );
}
