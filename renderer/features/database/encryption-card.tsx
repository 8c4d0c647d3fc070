import { ToneIcon } from "../../components/badge.tsx";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./connection-editor.module.css";
import { FieldsCard } from "./fields-card.tsx";
import { effectiveSslMode, isUnguarded } from "./profile-draft.ts";
import { sslModes, texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** Whether the way to the server is encrypted, and whether the server has to prove who it is. */
export function EncryptionCard({ editor }: { readonly editor: ProfileEditor }) {
  const { draft, change } = editor;
  if (draft.reach === "socket") {
    return (
      <FieldsCard title={texts.encryption}>
        <p className={styles.note}>{texts.encryptionSocket}</p>
      </FieldsCard>
    );
  }
  const mode = effectiveSslMode(draft);
  return (
    <FieldsCard title={texts.encryption}>
      <Select
        hideLabel
        label={texts.encryption}
        value={mode}
        options={sslModes.map(({ value, label, text }) => ({ value, label, description: text }))}
        onChange={(sslMode) => change({ sslMode })}
        hint={sslModes.find(({ value }) => value === mode)?.text}
      />
      {isUnguarded(draft) ? (
        <p className={styles.said}>
          <ToneIcon tone="warn" />
          {texts.unguarded}
        </p>
      ) : null}
      <details
        className={styles.more}
        open={draft.sslRootCert + draft.sslCert + draft.sslKey !== "" ? true : undefined}
      >
        <summary>{texts.certificates}</summary>
        <div className={styles.fields}>
          <TextField
            mono
            label={texts.rootCert}
            value={draft.sslRootCert}
            onChange={(sslRootCert) => change({ sslRootCert })}
            hint={texts.rootCertHint}
          />
          <div className={styles.pair}>
            <TextField
              mono
              label={texts.clientCert}
              value={draft.sslCert}
              onChange={(sslCert) => change({ sslCert })}
            />
            <TextField mono label={texts.clientKey} value={draft.sslKey} onChange={(sslKey) => change({ sslKey })} />
          </div>
        </div>
      </details>
    </FieldsCard>
  );
}
