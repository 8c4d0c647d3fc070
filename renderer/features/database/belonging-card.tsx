import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { Check } from "lucide-react";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import { Tooltip } from "../../components/tooltip.tsx";
import styles from "./connection-editor.module.css";
import { colourOf } from "./environment.tsx";
import { FieldsCard } from "./fields-card.tsx";
import { environments, faultTexts, texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** What Lifeboat calls it, how careful it is with it, and the colour it is known by. */
export function BelongingCard({ editor }: { readonly editor: ProfileEditor }) {
  const { draft, change, faults } = editor;
  const fault = faults.get("name");
  const colours = [
    { value: "own", label: texts.colourOwn, colour: colourOf(draft.environment, null) },
    ...texts.colours.map((colour, index) => ({ value: colour, label: texts.colourNames[index] ?? colour, colour })),
  ];
  return (
    <FieldsCard title={texts.environment}>
      <TextField
        label={texts.profileName}
        value={draft.name}
        onChange={(name) => change({ name })}
        hint={texts.profileNameHint}
        error={fault === undefined ? null : faultTexts[fault]}
      />
      <RadioCards
        dense
        label={texts.environment}
        value={draft.environment}
        options={environments.map(({ value, label, text }) => ({ value, title: label, detail: text }))}
        onChange={(environment) => change({ environment })}
      />
      <div className={styles.colours}>
        <span className={styles.label}>{texts.colour}</span>
        <RadioGroup
          aria-label={texts.colour}
          className={styles.swatches}
          value={draft.colour ?? "own"}
          onValueChange={(value) => change({ colour: value === "own" ? null : value })}
        >
          {colours.map(({ value, label, colour }) => (
            <Tooltip key={value} text={label}>
              <Radio.Root value={value} aria-label={label} className={styles.swatch} style={{ background: colour }}>
                <Radio.Indicator>
                  <Check aria-hidden />
                </Radio.Indicator>
              </Radio.Root>
            </Tooltip>
          ))}
        </RadioGroup>
      </div>
    </FieldsCard>
  );
}
