import { type ReactNode, useId } from "react";
import type { Capabilities, ProfileView } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { HostKeyDialog } from "../../components/host-key-dialog.tsx";
import { notify } from "../../components/toasts.tsx";
import { navigate } from "../shell/router.ts";
import { BelongingCard } from "./belonging-card.tsx";
import styles from "./connection-editor.module.css";
import { EncryptionCard } from "./encryption-card.tsx";
import { LeaveDialog } from "./leave-dialog.tsx";
import { PasswordCard } from "./password-card.tsx";
import { PasteCard } from "./paste-card.tsx";
import { ServerCard } from "./server-card.tsx";
import { SshCard } from "./ssh-card.tsx";
import { TestCard } from "./test-card.tsx";
import { texts } from "./texts.ts";
import { useLeaveGuard } from "./use-leave-guard.ts";
import { useProfileEditor } from "./use-profile-editor.ts";

export interface ConnectionEditorProps {
  /** null: it is new. */
  readonly saved: ProfileView | null;
  readonly capabilities: Capabilities;
  /** Below the test. */
  readonly aside?: ReactNode;
}

/** How Lifeboat reaches a database: the fields, a test of them, and saving. */
export function ConnectionEditor({ saved, capabilities, aside }: ConnectionEditorProps) {
  const editor = useProfileEditor(saved, capabilities.keychain);
  const guard = useLeaveGuard(editor.isChanged);
  const formId = useId();

  async function save(): Promise<void> {
    const done = await editor.save();
    if (done === null) return;
    notify({
      tone: "good",
      title: texts.saved(visibleText(done.name)),
      text: done.keptIn === "memory" ? texts.savedMemory : undefined,
    });
    if (done.name !== saved?.name) navigate({ screen: "database", name: done.name }, { replace: true });
  }

  return (
    <div className={styles.columns}>
      <form
        id={formId}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {saved === null ? <PasteCard editor={editor} /> : null}
        <ServerCard editor={editor} />
        <SshCard editor={editor} isSaved={saved !== null} />
        <PasswordCard editor={editor} capabilities={capabilities} isSaved={saved !== null} />
        <EncryptionCard editor={editor} />
        <BelongingCard editor={editor} />
        {editor.error === null ? null : <ErrorPanel error={editor.error} />}
        <div className={styles.foot}>
          <Button type="submit" variant="primary" busy={editor.work === "saving"}>
            {editor.work === "saving" ? texts.saving : saved === null ? texts.saveNew : texts.save}
          </Button>
          {editor.isChanged ? (
            <>
              <Button variant="quiet" onClick={editor.discard}>
                {texts.discard}
              </Button>
              <span className={styles.unsaved}>{texts.unsaved}</span>
            </>
          ) : null}
        </div>
      </form>
      <div className={styles.aside}>
        <TestCard editor={editor} />
        {aside}
      </div>
      <HostKeyDialog
        hostKey={editor.hostKey}
        isBusy={editor.work === "trusting"}
        onTrust={() => void editor.trustHostKey()}
        onLeave={editor.leaveHostKey}
      />
      <LeaveDialog guard={guard} editor={editor} />
    </div>
  );
}
