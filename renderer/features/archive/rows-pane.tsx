import { ListFilter, X } from "lucide-react";
import { useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import type { RowOrder } from "./model/row-text.ts";
import { RowsGrid } from "./rows-grid.tsx";
import styles from "./rows-pane.module.css";
import { texts } from "./texts.ts";
import type { LoadedRows, RowsState } from "./use-rows.ts";
import { ValueDialog } from "./value-dialog.tsx";

export interface RowsPaneProps {
  /** Of the entry with the rows. */
  readonly rowsId: number;
  readonly name: string;
  /** As the archive's manifest counted them; -1 where nobody has. */
  readonly total: number;
  readonly rows: RowsState;
  /** The condition that is applied; null for all rows. */
  readonly where: string | null;
  onWhere(where: string | null): void;
  readonly order: RowOrder | null;
  onOrder(order: RowOrder | null): void;
}

/** An object's rows: the condition, how much is loaded, the grid. */
export function RowsPane({ rowsId, name, total, rows, where, onWhere, order, onOrder }: RowsPaneProps) {
  const { loaded, error, isLoading, readOn } = rows;
  const [shown, setShown] = useState<{ readonly row: number; readonly column: number } | null>(null);
  // A condition that cannot be read is told beside the condition, everything else in the place of the rows.
  const isBadFilter = error?.code === "usage.invalid";
  const example = loaded?.columns.find((column) => !column.isNumeric) ?? loaded?.columns[0];

  return (
    <>
      <div className={styles.bar}>
        <FilterField
          key={rowsId}
          where={where}
          example={example === undefined ? "" : texts.filterExample(visibleText(example.name))}
          onWhere={onWhere}
        />
        <span role="status" className={styles.status}>
          {loaded === null ? (isLoading ? texts.readingRows : "") : describeLoaded(loaded, total, where, order)}
        </span>
      </div>
      {isBadFilter ? (
        <p role="alert" className={styles.badFilter}>
          {visibleText(error.message)}
        </p>
      ) : null}
      {error !== null && !isBadFilter ? (
        <div className={styles.problem}>
          <ErrorPanel error={error} actions={<Button onClick={readOn}>{texts.readOn}</Button>} />
        </div>
      ) : null}
      {loaded === null && isLoading ? (
        <div className={styles.loading}>
          <Skeleton label={texts.readingRows} lines={[88, 82, 90, 76, 84, 80, 87]} />
        </div>
      ) : null}
      {loaded !== null && loaded.rows.length === 0 ? (
        <p className={styles.none}>{where === null ? texts.noRows : texts.noRowsFound}</p>
      ) : null}
      {loaded !== null && loaded.rows.length > 0 ? (
        <RowsGrid
          key={`${rowsId} ${where ?? ""}`}
          name={visibleText(name)}
          loaded={loaded}
          order={order}
          onOrder={onOrder}
          onNearEnd={error === null ? readOn : () => {}}
          onShowValue={(row, column) => setShown({ row, column })}
        />
      ) : null}
      {loaded !== null && shown !== null ? (
        <ValueDialog rowsId={rowsId} where={where} loaded={loaded} {...shown} onClose={() => setShown(null)} />
      ) : null}
    </>
  );
}

function describeLoaded(loaded: LoadedRows, total: number, where: string | null, order: RowOrder | null): string {
  const count = loaded.rows.length;
  const how =
    where === null
      ? loaded.isEnd
        ? texts.loadedAll(count)
        : texts.loadedFirst(count, total)
      : loaded.isEnd
        ? texts.foundAll(count)
        : texts.foundFirst(count);
  if (count === 0) return "";
  return order === null || loaded.isEnd ? how : texts.sortedWithin(count, where === null ? total : -1);
}

interface FilterFieldProps {
  readonly where: string | null;
  readonly example: string;
  onWhere(where: string | null): void;
}

function FilterField({ where, example, onWhere }: FilterFieldProps) {
  const [text, setText] = useState(where ?? "");
  const isChanged = text.trim() !== (where ?? "");
  return (
    <div className={classNames(styles.filter, where !== null && styles.on)}>
      <ListFilter aria-hidden />
      <input
        aria-label={texts.filter}
        title={texts.filterHelp}
        placeholder={example}
        spellCheck={false}
        autoComplete="off"
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onWhere(text.trim() === "" ? null : text.trim());
          else if (event.key === "Escape" && text !== "") {
            event.stopPropagation();
            setText("");
            onWhere(null);
          }
        }}
      />
      {isChanged && text !== "" ? <Kbd keys="Enter" /> : null}
      {text !== "" ? (
        <IconButton
          label={texts.clearFilter}
          shortcut="Esc"
          onClick={() => {
            setText("");
            onWhere(null);
          }}
        >
          <X aria-hidden />
        </IconButton>
      ) : null}
    </div>
  );
}
