import { useState } from "react";
import { type RowFilter, takesEveryRow } from "../../../shared/rows/row-filter.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { FilterBar } from "./filter-bar.tsx";
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
  /** What is applied. */
  readonly filter: RowFilter;
  onFilter(filter: RowFilter): void;
  readonly order: RowOrder | null;
  onOrder(order: RowOrder | null): void;
  /** A value is being saved by this job. */
  onSaving(jobId: string): void;
}

/** An object's rows: the filter, how much is loaded, the grid. */
export function RowsPane({ rowsId, name, total, rows, filter, onFilter, order, onOrder, onSaving }: RowsPaneProps) {
  const { loaded, error, isLoading, isStopped, readOn, stop } = rows;
  const [shown, setShown] = useState<{ readonly row: number; readonly column: number } | null>(null);
  // A condition that cannot be read is told beside the condition, everything else in the place of the rows.
  const isBadFilter = error?.code === "usage.invalid";
  const isFiltered = !takesEveryRow(filter);
  const isLooking = isFiltered && isLoading && loaded !== null;
  const count = loaded?.rows.length ?? 0;

  return (
    <>
      <FilterBar key={rowsId} columns={loaded?.columns ?? null} filter={filter} onFilter={onFilter}>
        <span role="status" className={styles.status}>
          {loaded === null
            ? isLoading && texts.readingRows
            : isLooking
              ? texts.looking(count, loaded.readRows, total)
              : describeLoaded(loaded, total, isFiltered, order)}
        </span>
        {isLooking ? (
          <Button size="small" onClick={stop}>
            {texts.stopLooking}
          </Button>
        ) : null}
        {isStopped ? (
          <Button size="small" onClick={readOn}>
            {texts.lookOn}
          </Button>
        ) : null}
      </FilterBar>
      {isBadFilter ? (
        <p role="alert" className={styles.badFilter}>
          {visibleText(error.message)}
        </p>
      ) : null}
      {loaded !== null && loaded.damage !== null ? (
        <p role="alert" className={styles.badFilter}>
          {texts.mayBeWrong(visibleText(loaded.damage))}
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
      {loaded !== null && count === 0 && error === null ? (
        <div className={styles.none}>
          <p>{isFiltered ? texts.noneFound(loaded.readRows, loaded.isEnd, isStopped) : texts.noRows}</p>
        </div>
      ) : null}
      {loaded !== null && count > 0 ? (
        <RowsGrid
          key={JSON.stringify([rowsId, filter])}
          name={visibleText(name)}
          loaded={loaded}
          order={order}
          onOrder={onOrder}
          onNearEnd={error === null && !isStopped ? readOn : () => {}}
          onShowValue={(row, column) => setShown({ row, column })}
        />
      ) : null}
      {loaded !== null && shown !== null ? (
        <ValueDialog
          rowsId={rowsId}
          filter={filter}
          loaded={loaded}
          {...shown}
          onSaving={onSaving}
          onClose={() => setShown(null)}
        />
      ) : null}
    </>
  );
}

function describeLoaded(loaded: LoadedRows, total: number, isFiltered: boolean, order: RowOrder | null): string {
  const count = loaded.rows.length;
  if (count === 0) return "";
  if (order !== null && !loaded.isEnd) return texts.sortedWithin(count, isFiltered ? -1 : total);
  if (isFiltered) return loaded.isEnd ? texts.foundAll(count) : texts.foundFirst(count, loaded.readRows, total);
  return loaded.isEnd ? texts.loadedAll(count) : texts.loadedFirst(count, total);
}
