import { useState } from "react";
import type { StorageView } from "../../../shared/contract/storage-views.ts";
import type { Capabilities } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { notify } from "../../components/toasts.tsx";
import { navigate } from "../shell/router.ts";
import { StorageForm } from "./storage-form.tsx";
import styles from "./storage-screen.module.css";
import { TestCard } from "./test-card.tsx";
import { texts } from "./texts.ts";
import { useStorageEditor } from "./use-storage-editor.ts";

export interface SettingsTabProps {
  readonly storage: StorageView;
  readonly capabilities: Capabilities;
}

/** How a saved storage is reached, a test of it, and forgetting it. */
export function SettingsTab({ storage, capabilities }: SettingsTabProps) {
  const editor = useStorageEditor(storage);

  async function save(): Promise<void> {
    const done = await editor.save();
    if (done === null) return;
    editor.change({ secret: "" });
    notify({
      tone: "good",
      title: texts.saved(visibleText(done.name)),
      text: done.secretKeptIn === "memory" ? texts.savedMemory : undefined,
    });
  }

  return (
    <div className={styles.columns}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <StorageForm isNew={false} editor={editor} capabilities={capabilities} />
        {editor.error === null ? null : <ErrorPanel error={editor.error} />}
        <div className={styles.foot}>
          <Button type="submit" variant="primary" busy={editor.isSaving}>
            {texts.save}
          </Button>
        </div>
      </form>
      <div className={styles.aside}>
        <TestCard editor={editor} />
        <ForgetCard name={storage.name} />
      </div>
    </div>
  );
}

function ForgetCard({ name }: { readonly name: string }) {
  const client = useClient();
  const [isAsking, setIsAsking] = useState(false);

  async function remove(): Promise<void> {
    await client.invoke("storages.remove", { name });
    navigate({ screen: "home" }, { replace: true });
  }

  return (
    <Card title={texts.removeTitle}>
      <div className={styles.fields}>
        <p className={styles.note}>{texts.removeNote}</p>
        <div>
          <Button onClick={() => setIsAsking(true)}>{texts.remove}</Button>
        </div>
      </div>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.removeQuestion(visibleText(name))}
        confirmLabel={texts.removeConfirm}
        onConfirm={remove}
      >
        {texts.removeWhat}
      </ConfirmDialog>
    </Card>
  );
}
