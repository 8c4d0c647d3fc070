import { Save } from "lucide-react";
import { useMemo, useState } from "react";
import type { LargeObjectsPage } from "../../../shared/contract/views.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { ExportProgress } from "./export-progress.tsx";
import styles from "./large-objects-pane.module.css";
import { largeObjectFileName } from "./model/file-names.ts";
import { SaveBytesDialog } from "./save-bytes-dialog.tsx";
import { texts } from "./texts.ts";
import { useLargeObjects } from "./use-large-objects.ts";

type LargeObject = LargeObjectsPage["objects"][number];

/** The large objects of a database, each to be saved to a file. */
export function LargeObjectsPane({ dumpId }: { readonly dumpId: number }) {
  const { objects, readBytes, isEnd, isLoading, error, readOn } = useLargeObjects(dumpId);
  const [saving, setSaving] = useState<LargeObject | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const count = objects.length;
  const columns = useMemo(() => columnsOf(isEnd, setSaving), [isEnd]);

  return (
    <>
      <p role="status" className={styles.status}>
        {isEnd
          ? texts.largeObjectsAll(count, readBytes)
          : isLoading
            ? texts.largeObjectsReading(count, readBytes)
            : texts.largeObjectsFirst(count)}
      </p>
      {error === null ? null : (
        <div className={styles.problem}>
          <ErrorPanel error={error} actions={<Button onClick={readOn}>{texts.readOn}</Button>} />
        </div>
      )}
      {count === 0 && isLoading && error === null ? (
        <div className={styles.loading}>
          <Skeleton label={texts.readingLargeObjects} lines={[62, 58, 66, 60, 64]} />
        </div>
      ) : null}
      {count === 0 && isEnd ? <p className={styles.none}>{texts.noLargeObjects}</p> : null}
      {count === 0 ? null : (
        <DataTable
          label={texts.groups.largeObjects}
          columns={columns}
          rows={objects}
          rowKey={({ oid }) => oid}
          totalRows={isEnd ? count : -1}
          onOpen={setSaving}
          onEndReached={error === null ? readOn : undefined}
        />
      )}
      {jobId === null ? null : <ExportProgress key={jobId} jobId={jobId} onEnd={() => setJobId(null)} />}
      {saving === null ? null : (
        <SaveBytesDialog
          title={texts.saveLargeObject(saving.oid)}
          description={texts.saveWhole(formatBytes(saving.sizeBytes))}
          bytesOf={{ kind: "largeObject", dumpId, oid: saving.oid }}
          proposed={largeObjectFileName(saving.oid)}
          onStarted={setJobId}
          onClose={() => setSaving(null)}
        />
      )}
    </>
  );
}

/** Only a whole list is sorted. */
function columnsOf(isEnd: boolean, onSave: (object: LargeObject) => void): readonly Column<LargeObject>[] {
  return [
    {
      key: "oid",
      title: texts.oid,
      width: "120px",
      align: "right",
      mono: true,
      cell: ({ oid }) => oid,
      compare: isEnd ? (one, other) => one.oid - other.oid : undefined,
    },
    {
      key: "size",
      title: texts.size,
      width: "104px",
      align: "right",
      cell: ({ sizeBytes }) => <Bytes bytes={sizeBytes} />,
      compare: isEnd ? (one, other) => one.sizeBytes - other.sizeBytes : undefined,
    },
    {
      key: "owner",
      title: texts.owner,
      width: "minmax(90px, 1fr)",
      cell: ({ owner }) => (owner === null ? "" : <Visible text={owner} limit={30} />),
    },
    {
      key: "comment",
      title: texts.comment,
      width: "minmax(110px, 2fr)",
      cell: ({ comment }) => (comment === null ? "" : <Visible text={comment} limit={80} />),
    },
    {
      key: "save",
      title: <VisuallyHidden>{texts.saveNow}</VisuallyHidden>,
      width: "52px",
      cell: (object) => (
        <IconButton label={texts.saveLargeObject(object.oid)} onClick={() => onSave(object)}>
          <Save aria-hidden />
        </IconButton>
      ),
    },
  ];
}
