import { Checkbox } from "../../components/checkbox.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./connection-editor.module.css";
import { FieldsCard } from "./fields-card.tsx";
import { PasswordField } from "./password-card.tsx";
import type { DraftField, SshDraft } from "./profile-draft.ts";
import { faultTexts, sshWays, texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** The SSH server in between, where there is one, and how to log in to it. */
export function SshCard({ editor, isSaved }: { readonly editor: ProfileEditor; readonly isSaved: boolean }) {
  const { draft, change, faults } = editor;
  const { ssh } = draft;

  function changeSsh(part: Partial<SshDraft>): void {
    change({ ssh: { ...ssh, ...part } });
  }

  function errorOf(field: DraftField): string | null {
    const fault = faults.get(field);
    return fault === undefined ? null : faultTexts[fault];
  }

  return (
    <FieldsCard title={texts.ssh}>
      <Checkbox
        label={texts.sshOn}
        description={texts.sshOnHint}
        checked={ssh.isOn}
        onChange={(isOn) => changeSsh({ isOn })}
      />
      {ssh.isOn ? (
        <>
          <div className={styles.hostRow}>
            <TextField
              mono
              label={texts.sshHost}
              value={ssh.host}
              onChange={(host) => changeSsh({ host })}
              hint={texts.sshHostHint}
              error={errorOf("ssh-host")}
            />
            <TextField
              label={texts.sshPort}
              value={ssh.port}
              inputMode="numeric"
              onChange={(port) => changeSsh({ port })}
              error={errorOf("ssh-port")}
            />
          </div>
          <TextField
            mono
            label={texts.sshUser}
            value={ssh.user}
            onChange={(user) => changeSsh({ user })}
            hint={texts.sshUserHint}
          />
          <RadioCards
            dense
            label={texts.sshWay}
            value={ssh.authentication}
            options={sshWays.map(({ value, label, text }) => ({ value, title: label, detail: text }))}
            onChange={(authentication) => changeSsh({ authentication })}
          />
          {ssh.authentication === "key" ? (
            <TextField
              mono
              label={texts.sshKeyFile}
              value={ssh.keyFile}
              onChange={(keyFile) => changeSsh({ keyFile })}
              hint={texts.sshKeyFileHint}
            />
          ) : null}
          {ssh.authentication === "agent" ? null : (
            <PasswordField
              label={ssh.authentication === "key" ? texts.sshPassphrase : texts.sshPassword}
              value={ssh.secret}
              onChange={(secret) => changeSsh({ secret })}
              hint={isSaved ? texts.passwordKept : undefined}
            />
          )}
        </>
      ) : null}
    </FieldsCard>
  );
}
