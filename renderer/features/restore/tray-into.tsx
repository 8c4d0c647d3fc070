import { Database } from "lucide-react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import type { RestoreDraft } from "./restore-store.ts";
import styles from "./restore-tray.module.css";
import type { Target } from "./targets.ts";
import { texts } from "./texts.ts";

/** The draft's word for a server that is named by its URL. */
export const URL_KEY = "url";
const environmentTones = { production: "bad", staging: "warn", development: "neutral" } as const;

export interface IntoProps {
  /** null: not known yet. */
  readonly targets: readonly Target[] | null;
  /** null: none, or one by its URL. */
  readonly target: Target | null;
  readonly isUrl: boolean;
  readonly url: string;
  onChange(change: Partial<Pick<RestoreDraft, "into" | "url">>): void;
}

/** The server that is restored into. */
export function Into({ targets, target, isUrl, url, onChange }: IntoProps) {
  const environment = target?.environment ?? null;
  return (
    <div className={styles.into}>
      <Select
        label={texts.into}
        value={isUrl ? URL_KEY : (target?.key ?? null)}
        placeholder={texts.chooseTarget}
        options={[
          ...(targets ?? []).map((each) => ({
            value: each.key,
            label: visibleText(each.name),
            description: visibleText(describeTarget(each)),
            icon: <Database aria-hidden className={styles.targetIcon} />,
          })),
          { value: URL_KEY, label: texts.otherServer },
        ]}
        onChange={(into) => onChange({ into })}
      />
      {environment === null || environment === "development" ? null : (
        <Badge icon={null} tone={environmentTones[environment]} className={styles.environment}>
          {texts.environments[environment]}
        </Badge>
      )}
      {isUrl ? (
        <TextField
          mono
          className={styles.gap}
          label={texts.url}
          hint={texts.urlHint}
          value={url}
          onChange={(next) => onChange({ url: next, into: URL_KEY })}
        />
      ) : null}
    </div>
  );
}

function describeTarget({ where, database }: Target): string {
  return database === null ? where : `${database} · ${where}`;
}
