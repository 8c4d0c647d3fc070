import { useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./connection-editor.module.css";
import { FieldsCard } from "./fields-card.tsx";
import { texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** A whole connection in one line, as it stands in a .env file or a provider's page. */
export function PasteCard({ editor }: { readonly editor: ProfileEditor }) {
  const [text, setText] = useState("");
  const { filled } = editor;

  async function fill(): Promise<void> {
    if (text.trim() === "") return;
    await editor.fill(text);
    // The line may hold a password: it does not stay on the screen.
    setText("");
  }

  return (
    <FieldsCard title={texts.paste}>
      <div className={styles.pasteRow}>
        <TextField
          mono
          hideLabel
          label={texts.paste}
          value={text}
          onChange={setText}
          placeholder={texts.pastePlaceholder}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            void fill();
          }}
        />
        <Button onClick={() => void fill()} disabled={text.trim() === ""} busy={editor.work === "filling"}>
          {texts.pasteFill}
        </Button>
      </div>
      <p className={styles.note}>{texts.pasteHint}</p>
      {filled === null ? null : (
        <div aria-live="polite" className={styles.notes}>
          <p className={styles.said}>
            <ToneIcon tone="good" />
            <span>
              {texts.pasteFilled} {filled.hasPassword ? texts.pastePassword : ""}
            </span>
          </p>
          {filled.warnings.map((warning) => (
            <p key={warning} className={styles.said}>
              <ToneIcon tone="warn" />
              {visibleText(warning)}
            </p>
          ))}
        </div>
      )}
    </FieldsCard>
  );
}
