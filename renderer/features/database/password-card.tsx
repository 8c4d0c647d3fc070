import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import type { Capabilities } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./connection-editor.module.css";
import { FieldsCard } from "./fields-card.tsx";
import { passwordSources, texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

export interface PasswordCardProps {
  readonly editor: ProfileEditor;
  readonly capabilities: Capabilities;
  /** One may be stored already. */
  readonly isSaved: boolean;
}

/** Where the password comes from. Where there is no keychain it is said here, before anything is saved. */
export function PasswordCard({ editor, capabilities, isSaved }: PasswordCardProps) {
  const { draft, change } = editor;
  const { keychain, keychainReason } = capabilities;
  const takesPassword = draft.passwordSource === "keychain" || draft.passwordSource === "ask";
  return (
    <FieldsCard title={texts.password}>
      {keychain ? null : (
        <p className={styles.said}>
          <ToneIcon tone="warn" />
          <span>
            {visibleText(keychainReason ?? "")} {texts.noKeychainMeans}
          </span>
        </p>
      )}
      <RadioCards
        dense
        label={texts.passwordSource}
        value={draft.passwordSource}
        options={passwordSources.map(({ value, label, text }) => ({
          value,
          title: label,
          detail: text,
          disabled: value === "keychain" && !keychain && draft.passwordSource !== "keychain",
        }))}
        onChange={(passwordSource) => change({ passwordSource })}
      />
      {takesPassword ? (
        <PasswordField
          label={texts.passwordNew}
          value={draft.password}
          onChange={(password) => change({ password })}
          hint={
            draft.passwordSource === "ask" || !keychain
              ? texts.passwordForTest
              : isSaved
                ? texts.passwordKept
                : undefined
          }
        />
      ) : null}
    </FieldsCard>
  );
}

export interface PasswordFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  readonly hint?: string | undefined;
}

/** A password that can be looked at while it is typed. */
export function PasswordField({ label, value, onChange, hint }: PasswordFieldProps) {
  const [isShown, setIsShown] = useState(false);
  return (
    <TextField
      mono={isShown}
      type={isShown ? "text" : "password"}
      autoComplete="new-password"
      label={label}
      value={value}
      onChange={onChange}
      hint={hint}
      trailing={
        <IconButton label={isShown ? texts.hidePassword : texts.showPassword} onClick={() => setIsShown(!isShown)}>
          {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </IconButton>
      }
    />
  );
}
