import { useState } from "react";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { type RowFilter, takesEveryRow } from "../../../shared/rows/row-filter.ts";
import type { ExportFormat } from "../../../shared/rows/row-format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import { Visible } from "../../components/visible.tsx";
import { useSettings } from "../../stores/settings.ts";
import { archiveStoreOf } from "./archive-store.ts";
import styles from "./export-dialog.module.css";
import { exportFileName } from "./model/row-text.ts";
import { texts } from "./texts.ts";

export interface ExportDialogProps {
  /** Of the entry with the rows. */
  readonly rowsId: number;
  readonly schema: string;
  readonly table: string;
  /** What is shown now; the export has the same rows, all of them. */
  readonly filter: RowFilter;
  /** As the archive's manifest counted them; -1 where nobody has. */
  readonly total: number;
  onStarted(jobId: string): void;
  onClose(): void;
}

const formats = (["csv", "jsonl", "sql"] as const).map((value) => ({
  value,
  title: texts.formats[value],
  description: texts.formatTexts[value],
}));

/** Exports a table's rows, as they are filtered now, to a file of the machine that Lifeboat runs on. */
export function ExportDialog(props: ExportDialogProps) {
  const { rowsId, schema, table, filter, total, onStarted, onClose } = props;
  const store = archiveStoreOf(useClient());
  const pick = usePickFolder();
  const usual = useSettings(({ value }) => value?.backupsFolder ?? null);
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [picked, setPicked] = useState<string | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);
  const folder = picked ?? usual;
  const fileName = typed ?? exportFileName(schema, table, format);

  async function start(into: string): Promise<void> {
    setIsBusy(true);
    setError(null);
    try {
      const { where, search } = filter;
      const asked = { dumpId: rowsId, format, where: [...where], search, folder: into, fileName };
      const { jobId } = await store.ask("archive.export", asked);
      onStarted(jobId);
      onClose();
    } catch (thrown) {
      setError(toErrorValue(thrown));
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.exportTitle(visibleText(table))}
      description={texts.exportWhat(takesEveryRow(filter) ? total : null)}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button
            variant="primary"
            disabled={folder === null || fileName.trim() === ""}
            busy={isBusy}
            onClick={() => folder !== null && void start(folder)}
          >
            {texts.exportNow}
          </Button>
        </>
      }
    >
      <div className={styles.fields}>
        <RadioCards<ExportFormat> label={texts.format} value={format} options={formats} onChange={setFormat} dense />
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
