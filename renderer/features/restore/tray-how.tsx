import { visibleText } from "../../../shared/text/visible-text.ts";
import { classNames } from "../../components/class-names.ts";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import type { RestoreDraft } from "./restore-store.ts";
import styles from "./restore-tray.module.css";
import type { Target } from "./targets.ts";
import { texts } from "./texts.ts";

export interface HowProps {
  readonly draft: RestoreDraft;
  readonly target: Target | null;
  /** null: several databases, each with a name of its own. */
  readonly newName: string | null;
  /** Why the new database cannot be called that; null where it can. */
  readonly nameProblem: string | null;
  /** Why what is ticked does not go with the mode; null where it does. */
  readonly misfit: string | null;
  onChange(change: Partial<RestoreDraft>): void;
}

/** How it is restored, with the names that the way needs. */
export function How({ draft, target, newName, nameProblem, misfit, onChange }: HowProps) {
  return (
    <div>
      <h3 className={styles.label}>{texts.how}</h3>
      <RadioCards
        dense
        label={texts.how}
        value={draft.mode}
        onChange={(mode) => onChange({ mode })}
        options={[
          { value: "new-database", title: texts.newDatabase, description: texts.newDatabaseText },
          {
            value: "as-is",
            title: texts.asIs,
            description: draft.mode === "as-is" ? texts.asIsText(visibleText(databaseOf(target))) : undefined,
          },
          {
            value: "beside",
            title: texts.beside,
            description: draft.mode === "beside" ? texts.besideText : undefined,
          },
          {
            value: "replace",
            title: texts.replace,
            description: draft.mode === "replace" ? texts.replaceText : undefined,
          },
          {
            value: "swap",
            title: texts.swap,
            description: draft.mode === "swap" ? texts.swapText : undefined,
          },
        ]}
      />
      {draft.mode === "new-database" && newName === null ? (
        <p className={classNames(styles.gap, styles.empty)}>{texts.newDatabaseEach}</p>
      ) : null}
      {draft.mode === "new-database" && newName !== null ? (
        <TextField
          mono
          className={styles.gap}
          label={texts.newName}
          value={newName}
          error={nameProblem}
          onChange={(name) => onChange({ newName: name })}
        />
      ) : null}
      {draft.mode === "beside" ? (
        <TextField
          mono
          className={styles.gap}
          label={texts.besideSchema}
          hint={texts.besideSchemaHint}
          value={draft.besideSchema}
          onChange={(besideSchema) => onChange({ besideSchema })}
        />
      ) : null}
      {misfit === null ? null : (
        <p className={classNames(styles.gap, styles.empty)} role="status">
          {misfit}
        </p>
      )}
    </div>
  );
}

function databaseOf(target: Target | null): string {
  return target?.database ?? target?.name ?? "the database";
}

/** Why PostgreSQL would not take a database's name; null where it would. */
export function problemOf(name: string): string | null {
  if (name === "") return texts.nameEmpty;
  return new TextEncoder().encode(name).length > 63 ? texts.nameTooLong : null;
}

/** Why what is ticked does not go with a mode; null where it does. */
export function misfitOf(mode: RestoreDraft["mode"], isEverything: boolean, isOfSeveral: boolean): string | null {
  if (isOfSeveral) return mode === "new-database" ? null : texts.severalNotHere;
  if (mode === "swap") return isEverything ? null : texts.swapNeedsEverything;
  return isEverything && (mode === "beside" || mode === "replace") ? texts.tablesNeeded : null;
}
