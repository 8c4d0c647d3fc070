import { useState } from "react";
import { type RowFilter, takesEveryRow } from "../../../shared/rows/row-filter.ts";
import type { ExportFormat } from "../../../shared/rows/row-format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { RadioCards } from "../../components/radio-cards.tsx";
import { archiveStoreOf } from "./archive-store.ts";
import { exportFileName } from "./model/file-names.ts";
import { SaveFileDialog } from "./save-file-dialog.tsx";
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

const formats = (["csv", "jsonl", "sql", "parquet"] as const).map((value) => ({
  value,
  title: texts.formats[value],
  description: texts.formatTexts[value],
}));

/** Exports a table's rows, as they are filtered now. */
export function ExportDialog({ rowsId, schema, table, filter, total, onStarted, onClose }: ExportDialogProps) {
  const store = archiveStoreOf(useClient());
  const [format, setFormat] = useState<ExportFormat>("csv");
  const { where, search } = filter;
  return (
    <SaveFileDialog
      title={texts.exportTitle(visibleText(table))}
      description={texts.exportWhat(takesEveryRow(filter) ? total : null)}
      action={texts.exportNow}
      proposed={exportFileName(schema, table, format)}
      onSave={async (place) => {
        const asked = { dumpId: rowsId, format, where: [...where], search, ...place };
        onStarted((await store.ask("archive.export", asked)).jobId);
      }}
      onClose={onClose}
    >
      <RadioCards<ExportFormat> label={texts.format} value={format} options={formats} onChange={setFormat} dense />
    </SaveFileDialog>
  );
}
