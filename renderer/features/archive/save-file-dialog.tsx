import { type ReactNode, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import { Visible } from "../../components/visible.tsx";
import { useSettings } from "../../stores/settings.ts";
import styles from "./save-file-dialog.module.css";
import { texts } from "./texts.ts";

export interface SaveFileDialogProps {
  readonly title: string;
  readonly description: string;
  /** The button that goes on. */
  readonly action: string;
  /** A name for the file until another is typed. */
  readonly proposed: string;
  /** Starts it; what fails is told in the dialog, which stays. */
  onSave(place: { readonly folder: string; readonly fileName: string }): Promise<void>;
  onClose(): void;
  /** What else has to be chosen, above the file. */
  readonly children?: ReactNode;
}

/** Asks for the name and the folder of a new file of the machine that Lifeboat runs on. */
export function SaveFileDialog(props: SaveFileDialogProps) {
  const { title, description, action, proposed, onSave, onClose, children } = props;
  const pick = usePickFolder();
  const usual = useSettings(({ value }) => value?.backupsFolder ?? null);
  const [picked, setPicked] = useState<string | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const { isBusy, error, run } = useWork();
  const folder = picked ?? usual;
  const fileName = typed ?? proposed;

  async function save(): Promise<void> {
    if (folder !== null && (await run(() => onSave({ folder, fileName })))) onClose();
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button
            variant="primary"
            disabled={folder === null || fileName.trim() === ""}
            busy={isBusy}
            onClick={() => void save()}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className={styles.fields}>
        {children}
        <TextField label={texts.fileName} mono maxLength={200} value={fileName} onChange={setTyped} />
        <div className={styles.place}>
          <Button onClick={() => void pick().then((chosen) => chosen !== null && setPicked(chosen))}>
            {folder === null ? texts.chooseFolder : texts.otherFolder}
          </Button>
          {folder === null ? null : <Visible text={folder} limit={60} className={styles.path} />}
        </div>
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </Dialog>
  );
}
