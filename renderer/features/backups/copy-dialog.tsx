import { useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { notify } from "../../components/toasts.tsx";
import { useWork } from "../../components/use-work.ts";
import { Visible } from "../../components/visible.tsx";
import { useStorages } from "../../stores/storages.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./backups-screen.module.css";
import { texts } from "./texts.ts";

export interface CopyDialogProps {
  /** Of the archive, wherever it lies. */
  readonly path: string;
  /** Which backup it is, for those who listen. */
  readonly name: string;
  onClose(): void;
}

/** Copies a whole backup to other places: up into storages, down into a folder of this computer. */
export function CopyDialog({ path, name, onClose }: CopyDialogProps) {
  const client = useClient();
  const pick = usePickFolder();
  const storages = useStorages(({ value }) => value) ?? [];
  const others = storages.filter(({ address }) => !path.startsWith(`${address}/`));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [folder, setFolder] = useState<string | null>(null);
  const { isBusy, error, run } = useWork();

  async function copy(): Promise<void> {
    await run(async () => {
      const { jobId } = await client.invoke("backups.copy", { path, storages: [...chosen], folder });
      notify({
        tone: "info",
        title: texts.copyStarted,
        action: { label: texts.show, run: () => navigate({ screen: "activity", jobId }) },
      });
      onClose();
    });
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.copyTitle}
      description={`${name}. ${texts.copyText}`}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button
            variant="primary"
            disabled={chosen.length === 0 && folder === null}
            busy={isBusy}
            onClick={() => void copy()}
          >
            {texts.copyNow}
          </Button>
        </>
      }
    >
      <div className={styles.places}>
        {others.map(({ name: storage, address }) => (
          <Checkbox
            key={storage}
            label={visibleText(storage)}
            description={visibleText(address)}
            checked={chosen.includes(storage)}
            onChange={(isChosen) =>
              setChosen(isChosen ? [...chosen, storage] : chosen.filter((each) => each !== storage))
            }
          />
        ))}
        <div className={styles.place}>
          <Button onClick={() => void pick().then((picked) => picked !== null && setFolder(picked))}>
            {texts.copyFolder}
          </Button>
          {folder === null ? null : <Visible text={folder} limit={60} className={styles.path} />}
        </div>
        {others.length === 0 ? (
          <p>
            {texts.copyNoStorage} <a href={formatRoute({ screen: "storage", name: null })}>{texts.copyAddStorage}</a>
          </p>
        ) : null}
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </Dialog>
  );
}
