import { useState } from "react";
import type { DeletionPreview } from "../../../shared/contract/storage-views.ts";
import type { BackupView } from "../../../shared/contract/views.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { formatRelative, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { useNow } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify } from "../../components/toasts.tsx";
import { useWork } from "../../components/use-work.ts";
import { Visible } from "../../components/visible.tsx";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";

export interface DeleteDialogProps {
  readonly storage: string;
  readonly backup: BackupView;
  onClose(): void;
}

/** Shows what deleting a backup takes with it and what stays, and does it once that was ticked. */
export function DeleteDialog({ storage, backup, onClose }: DeleteDialogProps) {
  const client = useClient();
  const id = backup.id ?? "";
  const preview = useLoaded(id, () => client.invoke("storages.deletePreview", { name: storage, id }));
  const [isTicked, setIsTicked] = useState(false);
  const { isBusy, error, run } = useWork();
  const canGo = preview.value !== null && !preview.value.isPinned && preview.value.lockedBecause === null;

  async function remove(): Promise<void> {
    await run(async () => {
      const { keptBecause } = await client.invoke("storages.deleteBackup", { name: storage, id });
      if (keptBecause !== null) throw new AppError("storage.conflict", texts.deleteKept(keptBecause));
      notify({ tone: "good", title: texts.deleted });
      onClose();
    });
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.deleteTitle(visibleText(backup.database))}
      description={formatTime(backup.startedAt)}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button variant="danger" disabled={!canGo || !isTicked} busy={isBusy} onClick={() => void remove()}>
            {texts.deleteConfirm}
          </Button>
        </>
      }
    >
      <div className={styles.fields}>
        {preview.error === null ? null : <ErrorPanel error={preview.error} />}
        {preview.value === null ? (
          preview.error === null ? (
            <Skeleton label={texts.deleteLooking} />
          ) : null
        ) : (
          <Preview preview={preview.value} />
        )}
        {canGo ? <Checkbox label={texts.deleteTick} checked={isTicked} onChange={setIsTicked} /> : null}
        {error === null ? null : <ErrorPanel error={error} />}
      </div>
    </Dialog>
  );
}

function Preview({ preview }: { readonly preview: DeletionPreview }) {
  const nowMs = useNow(60_000);
  const { files, sizeBytes, othersLeft, newestLeft, isPinned, lockedBecause, keepsVersions } = preview;
  return (
    <>
      {isPinned ? (
        <p className={styles.said}>
          <ToneIcon tone="info" />
          {texts.deletePinned}
        </p>
      ) : lockedBecause !== null ? (
        <p className={styles.said}>
          <ToneIcon tone="info" />
          {texts.deleteLocked(lockedBecause)}
        </p>
      ) : (
        <p>
          {keepsVersions ? texts.deleteVersioned(files.length, sizeBytes) : texts.deleteWhat(files.length, sizeBytes)}
        </p>
      )}
      {newestLeft === null ? (
        <p className={styles.said}>
          <ToneIcon tone="warn" />
          {texts.deleteLast}
        </p>
      ) : (
        <p className={styles.note}>{texts.deleteLeft(othersLeft, formatRelative(newestLeft, nowMs))}</p>
      )}
      <ul className={styles.paths} aria-label={texts.files}>
        {files.slice(0, 100).map((path) => (
          <li key={path}>
            <Visible text={path} limit={120} />
          </li>
        ))}
      </ul>
    </>
  );
}
