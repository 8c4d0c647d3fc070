import { useId, useState } from "react";
import type { KeyView } from "../../../shared/contract/storage-views.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import { useHello } from "../../stores/hello.ts";
import styles from "./keys-screen.module.css";
import { texts } from "./texts.ts";

export interface MakeKeyDialogProps {
  readonly suggestion?: string;
  onMade(key: KeyView): void;
  onClose(): void;
}

/** Makes an encryption key. */
export function MakeKeyDialog({ suggestion = "backups", onMade, onClose }: MakeKeyDialogProps) {
  const client = useClient();
  const hasKeychain = useHello(({ value }) => value?.capabilities.keychain ?? false);
  const formId = useId();
  const [name, setName] = useState(suggestion);
  const { isBusy, error, run } = useWork();

  async function make(): Promise<void> {
    await run(async () => onMade(await client.invoke("keys.create", { name: name.trim() })));
  }

  return (
    <Dialog
      open
      size="small"
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.makeTitle}
      description={hasKeychain ? texts.makeText : texts.makeTextMemory}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button variant="primary" type="submit" form={formId} disabled={name.trim() === ""} busy={isBusy}>
            {texts.makeNow}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className={styles.fields}
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField label={texts.name} value={name} onChange={setName} hint={texts.nameHint} />
        {error === null ? null : <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}
