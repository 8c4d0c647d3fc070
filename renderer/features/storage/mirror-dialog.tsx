import { useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Select } from "../../components/select.tsx";
import { notify } from "../../components/toasts.tsx";
import { useWork } from "../../components/use-work.ts";
import { useStorages } from "../../stores/storages.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";

export interface MirrorDialogProps {
  /** The storage whose backups are copied; null: this computer. */
  readonly from: string | null;
  /** Those that have backups there. */
  readonly databases: readonly string[];
  onClose(): void;
}

/** No storage is called so: names begin with a letter or digit. */
const thisComputer = "-";
const all = "";

/** Asks where the backups of a place are to go, all of them or a database's; only those that are missing there do. */
export function MirrorDialog({ from, databases, onClose }: MirrorDialogProps) {
  const client = useClient();
  const storages = useStorages(({ value }) => value) ?? [];
  const others = [
    ...storages
      .filter(({ name }) => name !== from)
      .map(({ name, address }) => ({ value: name, label: visibleText(name), description: visibleText(address) })),
    ...(from === null ? [] : [{ value: thisComputer, label: texts.thisComputer }]),
  ];
  const [to, setTo] = useState<string | null>(null);
  const [database, setDatabase] = useState(all);
  const { isBusy, error, run } = useWork();
  const chosen = to ?? others[0]?.value ?? null;

  async function mirror(): Promise<void> {
    await run(async () => {
      const { jobId } = await client.invoke("storages.mirror", {
        from,
        to: chosen === thisComputer ? null : chosen,
        database: database === all ? null : (databases[Number(database)] ?? null),
      });
      notify({
        tone: "info",
        title: texts.mirrorStarted,
        action: { label: texts.show, run: () => navigate({ screen: "activity", jobId }) },
      });
      onClose();
    });
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.mirrorTitle(from === null ? texts.thisComputer : visibleText(from))}
      description={texts.mirrorText}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button variant="primary" disabled={chosen === null} busy={isBusy} onClick={() => void mirror()}>
            {texts.mirrorNow}
          </Button>
        </>
      }
    >
      <div className={styles.fields}>
        {others.length === 0 ? (
          <p>
            {texts.mirrorNoStorage} <a href={formatRoute({ screen: "storage", name: null })}>{texts.addTitle}</a>
          </p>
        ) : (
          <Select label={texts.mirrorTo} value={chosen} options={others} onChange={setTo} />
        )}
        <Select
          label={texts.mirrorDatabase}
          // A database may have any name; its place in the list is a safe value.
          value={database}
          options={[
            { value: all, label: texts.keepAll },
            ...databases.map((name, index) => ({ value: String(index), label: visibleText(name) })),
          ]}
          onChange={setDatabase}
        />
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </Dialog>
  );
}
