import { useRef, useState } from "react";
import type { RowFilter } from "../../../shared/rows/row-filter.ts";
import { kindOfType } from "../../../shared/rows/value-type.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Checkbox } from "../../components/checkbox.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { archiveStoreOf } from "./archive-store.ts";
import { bytesOf, indentJson } from "./model/shown-value.ts";
import { texts } from "./texts.ts";
import { type LoadedRows, readWholeRow } from "./use-rows.ts";
import styles from "./value-dialog.module.css";

/** More than this is not put on the screen; copying gives the whole. */
const SHOWN_CHARACTERS = 200_000;

export interface ValueDialogProps {
  /** Of the entry with the rows. */
  readonly rowsId: number;
  readonly filter: RowFilter;
  readonly loaded: LoadedRows;
  readonly row: number;
  readonly column: number;
  onClose(): void;
}

/** One value whole. Where it was cut on its way here, it is asked for again. */
export function ValueDialog({ rowsId, filter, loaded, row, column, onClose }: ValueDialogProps) {
  const store = archiveStoreOf(useClient());
  const frame = useRef<HTMLPreElement>(null);
  const here = loaded.rows[row]?.[column] ?? null;
  const isCut = loaded.cut.has(`${row}:${column}`);
  const name = visibleText(loaded.columns[column]?.name ?? "");
  const { value, error } = useLoaded(JSON.stringify([rowsId, filter, row, column]), async () => {
    if (!isCut) return { text: here };
    return { text: (await readWholeRow(store, rowsId, filter, row))?.[column] ?? null };
  });
  const length = value?.text?.length ?? null;
  const type = loaded.columns[column]?.type ?? null;
  const isJson = kindOfType(type) === "json";
  const [isIndented, setIndented] = useState(true);
  const size = kindOfType(type) === "bytea" && value?.text ? bytesOf(value.text) : null;

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={texts.valueOf(name)}
      description={
        length === null
          ? undefined
          : [
              type === null ? null : visibleText(type),
              size === null ? texts.valueLength(length) : formatBytes(size),
              length > SHOWN_CHARACTERS ? texts.valueShown(SHOWN_CHARACTERS) : null,
            ]
              .filter((part) => part !== null)
              .join(" · ")
      }
      size="large"
      initialFocus={frame}
    >
      {error === null ? null : <ErrorPanel error={error} />}
      {isJson && value?.text ? <Checkbox label={texts.indented} checked={isIndented} onChange={setIndented} /> : null}
      <div className={styles.frame}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long value is scrolled by keyboard */}
        <pre ref={frame} className={styles.value} tabIndex={0} role="region" aria-label={texts.valueOf(name)}>
          {value === null ? (
            error === null && <Skeleton label={texts.readingRows} />
          ) : value.text === null || value.text === "" ? (
            <span className={styles.quiet}>{value.text === null ? texts.null : texts.emptyText}</span>
          ) : (
            visibleLines(shownText(value.text, isJson && isIndented))
          )}
        </pre>
        {value?.text ? <CopyButton text={value.text} label={texts.copyCell} /> : null}
      </div>
    </Dialog>
  );
}

/** As much of it as is put on the screen. */
function shownText(text: string, isIndented: boolean): string {
  const shown = text.slice(0, SHOWN_CHARACTERS);
  return isIndented ? indentJson(shown) : shown;
}
