import { useId } from "react";
import type { Capabilities } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { notify } from "../../components/toasts.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { StorageForm } from "./storage-form.tsx";
import styles from "./storage-screen.module.css";
import { TestCard } from "./test-card.tsx";
import { texts } from "./texts.ts";
import { useStorageEditor } from "./use-storage-editor.ts";

/** A new place for backups. */
export function AddStorage({ capabilities }: { readonly capabilities: Capabilities }) {
  const editor = useStorageEditor(null);
  const formId = useId();

  async function save(): Promise<void> {
    const done = await editor.save();
    if (done === null) return;
    notify({
      tone: "good",
      title: texts.saved(visibleText(done.name)),
      text: done.secretKeptIn === "memory" ? texts.savedMemory : undefined,
    });
    navigate({ screen: "storage", name: done.name }, { replace: true });
  }

  return (
    <Screen title={texts.addTitle}>
      <p className={styles.lead}>
        {texts.addLead} <a href={formatRoute({ screen: "new-machine" })}>{texts.newMachineLink}</a>
      </p>
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
          <StorageForm isNew editor={editor} capabilities={capabilities} />
          {editor.error === null ? null : <ErrorPanel error={editor.error} />}
          <div className={styles.foot}>
            <Button type="submit" variant="primary" busy={editor.isSaving}>
              {texts.saveNew}
            </Button>
          </div>
        </form>
        <div className={styles.aside}>
          <TestCard editor={editor} />
        </div>
      </div>
    </Screen>
  );
}
