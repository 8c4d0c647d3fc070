import { useId } from "react";
import { highestLevels } from "../../../shared/command/dump-command.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import {
  type CompressionMethod,
  canCompress,
  defaultOptions,
  findOptionFaults,
  type OptionsDraft,
} from "./dump-options.ts";
import styles from "./saved-database.module.css";
import { compressions, formats, texts } from "./texts.ts";

export interface OptionsCardProps {
  readonly options: OptionsDraft;
  onChange(options: OptionsDraft): void;
}

/** How one backup is made, where it is to be another than the usual. */
export function OptionsCard({ options, onChange }: OptionsCardProps) {
  const faults = findOptionFaults(options);
  const highest = options.method === null ? null : highestLevels[options.method];
  const change = (part: Partial<OptionsDraft>) => onChange({ ...options, ...part });
  return (
    <Card
      title={`${texts.options} · ${texts.optionsNote}`}
      actions={
        <Button size="small" variant="quiet" onClick={() => onChange(defaultOptions)}>
          {texts.resetOptions}
        </Button>
      }
    >
      <div className={styles.options}>
        <div className={styles.fields}>
          <RadioCards
            dense
            label={texts.format}
            value={options.format}
            options={formats.map(({ value, label, text }) => ({ value, title: label, description: text }))}
            onChange={(format) => change({ format })}
          />
        </div>
        <div className={styles.fields}>
          <div className={styles.pair}>
            <Select<CompressionMethod | "auto">
              label={texts.compression}
              value={options.method ?? "auto"}
              disabled={!canCompress(options.format)}
              options={[{ value: "auto", label: texts.compressionAuto }, ...compressions]}
              onChange={(method) => change({ method: method === "auto" ? null : method })}
            />
            <TextField
              label={texts.level}
              value={options.level}
              inputMode="numeric"
              disabled={highest === null || !canCompress(options.format)}
              onChange={(level) => change({ level })}
              hint={highest === null ? undefined : texts.levelHint(highest)}
              error={faults.includes("level") ? texts.faults.level : null}
            />
          </div>
          {options.format === "directory" ? (
            <TextField
              label={texts.jobs}
              value={options.jobs}
              inputMode="numeric"
              onChange={(jobs) => change({ jobs })}
              hint={texts.jobsHint}
              error={faults.includes("jobs") ? texts.faults.jobs : null}
            />
          ) : null}
          <Select
            label={texts.content}
            value={options.content}
            options={(["all", "schema", "data"] as const).map((value) => ({ value, label: texts.contents[value] }))}
            onChange={(content) => change({ content })}
          />
          <Checkbox
            label={texts.globals}
            description={texts.globalsHint}
            checked={options.globals}
            onChange={(globals) => change({ globals })}
          />
        </div>
        <div className={styles.fields}>
          {(["schemas", "tables", "excludeTables", "excludeTableData"] as const).map((field) => (
            <Patterns
              key={field}
              label={texts[field]}
              value={options[field]}
              onChange={(text) => change({ [field]: text })}
            />
          ))}
          <span className={styles.hint}>{texts.patternsHint}</span>
        </div>
      </div>
    </Card>
  );
}

interface PatternsProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

function Patterns({ label, value, onChange }: PatternsProps) {
  const id = useId();
  return (
    <div className={styles.area}>
      <label className={styles.areaLabel} htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        spellCheck={false}
        className={styles.textarea}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
