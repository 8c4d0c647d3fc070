import { Save } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { RowFilter } from "../../../shared/rows/row-filter.ts";
import { kindOfType } from "../../../shared/rows/value-type.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RadioTiles } from "../../components/radio-tiles.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { archiveStoreOf } from "./archive-store.ts";
import { valueFileName } from "./model/file-names.ts";
import { bytesOf, indentJson } from "./model/shown-value.ts";
import { parseArrayTree, parseJsonTree, type ValueTree } from "./model/value-tree.ts";
import { SaveBytesDialog } from "./save-bytes-dialog.tsx";
import { texts } from "./texts.ts";
import { type LoadedRows, readWholeRow } from "./use-rows.ts";
import styles from "./value-dialog.module.css";
import { ValueParts } from "./value-parts.tsx";

/** More than this is not put on the screen; copying gives the whole. */
const SHOWN_CHARACTERS = 200_000;

export interface ValueDialogProps {
  /** Of the entry with the rows. */
  readonly rowsId: number;
  readonly filter: RowFilter;
  readonly loaded: LoadedRows;
  readonly row: number;
  readonly column: number;
  /** The value is being saved by this job. */
  onSaving(jobId: string): void;
  onClose(): void;
}

/** How a value with parts is shown. */
type Way = "parts" | "indented" | "plain";
const allWays = ["parts", "indented", "plain"] as const;

/** One value whole. Where it was cut on its way here, it is asked for again. */
export function ValueDialog({ rowsId, filter, loaded, row, column, onSaving, onClose }: ValueDialogProps) {
  const store = archiveStoreOf(useClient());
  const frame = useRef<HTMLPreElement>(null);
  const here = loaded.rows[row]?.[column] ?? null;
  const isCut = loaded.cut.has(`${row}:${column}`);
  const name = loaded.columns[column]?.name ?? "";
  const type = loaded.columns[column]?.type ?? null;
  const { value, error } = useLoaded(JSON.stringify([rowsId, filter, row, column, isCut]), async () => {
    return isCut ? { text: (await readWholeRow(store, rowsId, filter, row))?.[column] ?? null } : null;
  });
  const [chosenWay, setWay] = useState<Way | null>(null);
  const [isSaving, setSaving] = useState(false);
  const isKnown = !isCut || value !== null;
  const text = isCut ? (value?.text ?? null) : here;
  const tree = useMemo(() => (text === null ? null : parseParts(text, type)), [text, type]);
  const isJson = kindOfType(type) === "json";
  const ways = allWays
    .filter((each) => (each === "parts" ? tree !== null : each === "plain" || isJson))
    .map((each) => ({ value: each, title: texts.ways[each] }));
  const way = chosenWay ?? ways[0]?.value ?? "plain";
  const length = text?.length ?? null;
  const size = kindOfType(type) === "bytea" && text !== null ? bytesOf(text) : null;
  const label = texts.valueOf(visibleText(name));

  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
        title={label}
        description={length === null ? undefined : describe(type, length, size, way)}
        size="large"
        // Of a value that is still to come nobody knows what will hold it.
        {...(way === "parts" || isCut ? {} : { initialFocus: frame })}
      >
        {error === null ? null : <ErrorPanel error={error} />}
        {here === null ? null : (
          <div className={styles.bar}>
            {ways.length > 1 ? (
              <RadioTiles<Way> label={texts.way} value={way} options={ways} onChange={setWay} />
            ) : null}
            <Button size="small" icon={<Save aria-hidden />} onClick={() => setSaving(true)}>
              {texts.save}
            </Button>
          </div>
        )}
        {way === "parts" && tree !== null ? (
          <ValueParts tree={tree} label={label} mostCharacters={SHOWN_CHARACTERS} />
        ) : (
          <div className={styles.frame}>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long value is scrolled by keyboard */}
            <pre ref={frame} className={styles.value} tabIndex={0} role="region" aria-label={label}>
              {!isKnown ? (
                error === null && <Skeleton label={texts.readingRows} />
              ) : text === null || text === "" ? (
                <span className={styles.quiet}>{text === null ? texts.null : texts.emptyText}</span>
              ) : (
                visibleLines(shownText(text, way === "indented"))
              )}
            </pre>
            {text === null || text === "" ? null : <CopyButton text={text} label={texts.copyCell} />}
          </div>
        )}
      </Dialog>
      {isSaving ? (
        <SaveBytesDialog
          title={texts.saveValueTitle(visibleText(name))}
          description={size === null ? texts.saveValueText : texts.saveWhole(formatBytes(size))}
          bytesOf={{ kind: "value", dumpId: rowsId, row, column, where: [...filter.where], search: filter.search }}
          proposed={valueFileName(name, type)}
          onStarted={onSaving}
          onClose={() => setSaving(false)}
        />
      ) : null}
    </>
  );
}

/** The parts of JSON and of arrays; null where it has none to be folded. */
function parseParts(text: string, type: string | null): ValueTree | null {
  const tree =
    kindOfType(type) === "json" ? parseJsonTree(text) : type?.endsWith("]") === true ? parseArrayTree(text) : null;
  return tree === null || (tree.count[0] ?? 0) === 0 ? null : tree;
}

function describe(type: string | null, length: number, size: number | null, way: Way): string {
  return [
    type === null ? null : visibleText(type),
    size === null ? texts.valueLength(length) : formatBytes(size),
    way !== "parts" && length > SHOWN_CHARACTERS ? texts.valueShown(SHOWN_CHARACTERS) : null,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

/** As much of it as is put on the screen. */
function shownText(text: string, isIndented: boolean): string {
  const shown = text.slice(0, SHOWN_CHARACTERS);
  return isIndented ? indentJson(shown) : shown;
}
