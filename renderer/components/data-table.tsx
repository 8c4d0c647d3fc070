import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useMemo, useState } from "react";
import { classNames } from "./class-names.ts";
import styles from "./data-table.module.css";
import { hasCommandKey } from "./kbd.tsx";
import { type Sort, sortRows } from "./sort-rows.ts";
import { useRovingRows } from "./use-roving-rows.ts";

export type { Sort } from "./sort-rows.ts";

export interface Column<Row> {
  readonly key: string;
  readonly title: ReactNode;
  /** A CSS grid track that does not depend on the content: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly align?: "left" | "right" | undefined;
  readonly mono?: boolean | undefined;
  cell(row: Row, index: number): ReactNode;
  /** For sorting by it; without it the column cannot be sorted. */
  readonly compare?: ((one: Row, other: Row) => number) | undefined;
  /** What Ctrl/Cmd C takes of a cell that has the focus. */
  readonly text?: ((row: Row, index: number) => string) | undefined;
}

export interface DataTableProps<Row> {
  /** What its rows are. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  rowKey(row: Row, index: number): string | number;
  /** `row`: the focus moves from row to row (lists); `cell`: also from cell to cell (data). */
  readonly focus?: "row" | "cell";
  readonly selectedKey?: string | number | null | undefined;
  /** Chosen by a click or by Space. */
  onSelect?: ((row: Row, index: number) => void) | undefined;
  /** Opened by a double click or by Enter; without it Enter selects. */
  onOpen?: ((row: Row, index: number) => void) | undefined;
  readonly initialSort?: Sort | undefined;
  readonly rowHeight?: number;
  /** More rows than are given exist: the whole number for those who listen, -1 where it is not known. */
  readonly totalRows?: number | undefined;
  /** The last rows come into view. */
  onEndReached?: (() => void) | undefined;
  /** Instead of rows where there are none. */
  readonly empty?: ReactNode;
  /** Below the last row, scrolling with them. */
  readonly footer?: ReactNode;
  readonly className?: string | undefined;
}

const headHeight = 30;

/** Rows of any number: only those in view exist. Fills its parent, which has to have a height. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rowKey, focus = "row", selectedKey, onSelect, onOpen, rowHeight = 34, empty } = props;
  const [sort, setSort] = useState<Sort | null>(props.initialSort ?? null);
  const [activeColumn, setActiveColumn] = useState(0);
  const compare = columns.find((column) => column.key === sort?.key)?.compare;
  const rows = useMemo(() => sortRows(props.rows, sort, compare), [props.rows, sort, compare]);
  const roving = useRovingRows({ count: rows.length, rowHeight, headHeight });
  const { scroller, virtualizer, active, setActive } = roving;
  const items = virtualizer.getVirtualItems();
  const column = Math.min(activeColumn, columns.length - 1);
  const template = columns.map(({ width }) => width).join(" ");

  const last = items.at(-1)?.index ?? -1;
  const isEndNear = rows.length > 0 && last >= rows.length - 5;
  const reachEnd = useEffectEvent(() => props.onEndReached?.());
  useEffect(() => {
    // Told again when more rows have come and their end is near, too.
    if (isEndNear && rows.length > 0) reachEnd();
  }, [isEndNear, rows.length]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (!isOwnKey(event)) return;
    const row = rows[active];
    if (focus === "cell" && moveColumn(event)) return;
    if (roving.onArrows(event) || row === undefined) return;
    if (event.key === "Enter") (onOpen ?? onSelect)?.(row, active);
    else if (event.key === " ") onSelect?.(row, active);
    else if (focus === "cell" && event.key.toLowerCase() === "c" && hasCommandKey(event)) {
      const text = columns[column]?.text?.(row, active);
      if (text === undefined || getSelection()?.isCollapsed === false) return;
      void navigator.clipboard.writeText(text);
    } else return;
    event.preventDefault();
  }

  function moveColumn(event: KeyboardEvent): boolean {
    const isWhole = event.ctrlKey || event.metaKey;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: column - 1,
      ArrowRight: column + 1,
      ...(isWhole ? {} : { Home: 0, End: columns.length - 1 }),
    };
    const target = targets[event.key];
    if (target === undefined) {
      if (isWhole && event.key === "Home") return jump(event, 0);
      if (isWhole && event.key === "End") return jump(event, rows.length - 1);
      return false;
    }
    setActiveColumn(Math.max(0, Math.min(target, columns.length - 1)));
    return jump(event, active);
  }

  function jump(event: KeyboardEvent, index: number): true {
    event.preventDefault();
    roving.moveTo(index);
    return true;
  }

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={(props.totalRows ?? rows.length) < 0 ? -1 : (props.totalRows ?? rows.length) + 1}
      aria-colcount={columns.length}
      tabIndex={rows.length === 0 ? 0 : -1}
      className={classNames(styles.table, props.className)}
      onKeyDown={onKeyDown}
    >
      <div className={styles.content} style={{ height: virtualizer.getTotalSize() }} role="presentation">
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.headRow} style={{ gridTemplateColumns: template }}>
            {columns.map((each) => (
              <HeadCell key={each.key} column={each} sort={sort} onSort={setSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup">
          {items.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = rowKey(row, index);
            return (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid hears the keys
              <div
                key={key}
                role="row"
                tabIndex={focus === "row" ? (index === active ? 0 : -1) : undefined}
                data-row={index}
                aria-rowindex={index + 2}
                aria-selected={onSelect === undefined ? undefined : key === selectedKey}
                className={classNames(styles.row, onSelect !== undefined && styles.choosable)}
                style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${start}px)` }}
                onFocus={() => setActive(index)}
                onClick={() => onSelect?.(row, index)}
                onDoubleClick={() => onOpen?.(row, index)}
              >
                {columns.map((each, at) => (
                  <div
                    key={each.key}
                    role="gridcell"
                    aria-colindex={at + 1}
                    tabIndex={focus === "cell" ? (index === active && at === column ? 0 : -1) : undefined}
                    className={classNames(
                      styles.cell,
                      each.align === "right" && styles.right,
                      each.mono && styles.mono,
                    )}
                    onFocus={() => setActiveColumn(at)}
                  >
                    {each.cell(row, index)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 ? empty : props.footer}
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | null;
  onSort(sort: Sort): void;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const direction = sort?.key === column.key ? sort.direction : null;
  return (
    <div
      role="columnheader"
      aria-sort={direction ?? undefined}
      className={classNames(styles.headCell, column.align === "right" && styles.right)}
    >
      {column.compare === undefined ? (
        column.title
      ) : (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort({ key: column.key, direction: direction === "ascending" ? "descending" : "ascending" })}
        >
          {column.title}
          {direction === "ascending" ? <ArrowUp aria-hidden /> : null}
          {direction === "descending" ? <ArrowDown aria-hidden /> : null}
        </button>
      )}
    </div>
  );
}

/** Keys of a button or field within a row are its own. */
function isOwnKey(event: KeyboardEvent): boolean {
  return !(event.target instanceof HTMLElement) || event.target.closest("button, a, input, select, textarea") === null;
}
