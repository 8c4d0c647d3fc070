import { ContextMenu } from "@base-ui/react/context-menu";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { isNumericType } from "../../../shared/rows/value-type.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { classNames } from "../../components/class-names.ts";
import { hasCommandKey, Kbd } from "../../components/kbd.tsx";
import { notify } from "../../components/toasts.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { copyText, orderRows, type RowOrder } from "./model/row-text.ts";
import { cellValue } from "./model/shown-value.ts";
import styles from "./rows-grid.module.css";
import { texts } from "./texts.ts";
import type { LoadedRows } from "./use-rows.ts";

const ROW_HEIGHT = 30;
const HEAD_HEIGHT = 30;
const CHARACTER_WIDTH = 7.25;
/** Characters of a value that a cell can hold at the most; the rest would only cost. */
const CELL_CHARACTERS = 240;
/** The row of the column names, for the active cell. */
const HEAD_ROW = -1;

export interface RowsGridProps {
  readonly name: string;
  readonly loaded: LoadedRows;
  readonly order: RowOrder | null;
  onOrder(order: RowOrder | null): void;
  /** The last loaded rows are near the edge of what is seen. */
  onNearEnd(): void;
  /** `row` is its place among the loaded rows as they were read. */
  onShowValue(row: number, column: number): void;
}

/** Rows as a grid with one tab stop: arrows go from cell to cell, Enter shows the whole value, Ctrl C copies it. */
export function RowsGrid({ name, loaded, order, onOrder, onNearEnd, onShowValue }: RowsGridProps) {
  const { columns, rows, cut } = loaded;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [active, setActive] = useState({ row: 0, column: 0 });
  const places = useMemo(() => orderRows(rows, order), [rows, order]);
  const [widths] = useState(() => columnWidths(loaded));

  // oxlint-disable-next-line react/incompatible-library -- what it gives is used here alone
  const rowVirtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    paddingStart: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const columnVirtualizer = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => widths[index] ?? 100,
    overscan: 3,
  });

  const visibleRows = rowVirtualizer.getVirtualItems();
  const visibleColumns = columnVirtualizer.getVirtualItems();
  const lastVisible = visibleRows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!loaded.isEnd && lastVisible >= rows.length - 40) onNearEnd();
  }, [lastVisible, rows.length, loaded.isEnd, onNearEnd]);

  const activeRow = Math.min(active.row, rows.length - 1);
  const activeColumn = Math.min(active.column, columns.length - 1);
  const placeOf = (row: number) => places?.[row] ?? row;
  const valueAt = (row: number, column: number) => rows[placeOf(row)]?.[column] ?? null;

  function moveTo(row: number, column: number): void {
    const next = {
      row: Math.min(rows.length - 1, Math.max(HEAD_ROW, row)),
      column: Math.min(columns.length - 1, Math.max(0, column)),
    };
    setActive(next);
    if (next.row >= 0) rowVirtualizer.scrollToIndex(next.row, { align: "auto" });
    columnVirtualizer.scrollToIndex(next.column, { align: "auto" });
  }

  function sortBy(column: number): void {
    if (order?.column !== column) onOrder({ column, descending: false });
    else onOrder(order.descending ? null : { column, descending: true });
  }

  function copy(what: "cell" | "row", row = activeRow, column = activeColumn): void {
    const values = rows[placeOf(row)];
    if (values === undefined) return;
    const isCut =
      what === "cell" ? cut.has(`${placeOf(row)}:${column}`) : values.some((_, at) => cut.has(`${placeOf(row)}:${at}`));
    // What is not here whole is shown whole first; it is copied from there.
    if (isCut && what === "cell") return onShowValue(placeOf(row), column);
    const text = what === "cell" ? (values[column] ?? "") : copyText(values);
    void navigator.clipboard
      .writeText(text)
      .then(() => notify({ tone: isCut ? "warn" : "good", title: isCut ? texts.copiedCut : texts.copied }));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW_HEIGHT) - 2);
    const command = hasCommandKey(event);
    if (command && event.key.toLowerCase() === "c" && activeRow >= 0) {
      if (!event.shiftKey && (getSelection()?.toString() ?? "") !== "") return;
      event.preventDefault();
      copy(event.shiftKey ? "row" : "cell");
      return;
    }
    if (event.altKey) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(activeRow + 1, activeColumn),
      ArrowUp: () => moveTo(activeRow - 1, activeColumn),
      ArrowRight: () => moveTo(activeRow, activeColumn + 1),
      ArrowLeft: () => moveTo(activeRow, activeColumn - 1),
      PageDown: () => moveTo(activeRow + page, activeColumn),
      PageUp: () => moveTo(Math.max(0, activeRow - page), activeColumn),
      Home: () => moveTo(command ? 0 : activeRow, 0),
      End: () => moveTo(command ? rows.length - 1 : activeRow, columns.length - 1),
      Enter: () => (activeRow === HEAD_ROW ? sortBy(activeColumn) : onShowValue(placeOf(activeRow), activeColumn)),
    };
    const move = moves[event.key];
    if (move === undefined || (command && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    move();
  }

  const totalWidth = columnVirtualizer.getTotalSize();
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger
        render={
          <div
            ref={scroller}
            role="grid"
            aria-label={texts.rowsGrid(name)}
            aria-rowcount={loaded.isEnd ? rows.length + 1 : -1}
            aria-colcount={columns.length}
            aria-activedescendant={`${id}-${activeRow}-${activeColumn}`}
            tabIndex={0}
            className={styles.grid}
            onKeyDown={onKeyDown}
          />
        }
      >
        <div
          role="rowgroup"
          style={{ height: rowVirtualizer.getTotalSize(), width: totalWidth, minWidth: "100%", position: "relative" }}
        >
          <div role="row" aria-rowindex={1} className={styles.head} style={{ width: totalWidth, minWidth: "100%" }}>
            {visibleColumns.map(({ index, start, size }) => {
              const column = columns[index];
              const sorted = order?.column === index ? order : null;
              const Sign = sorted?.descending === true ? ArrowDown : ArrowUp;
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid hears the keys
                <div
                  key={index}
                  id={`${id}-${HEAD_ROW}-${index}`}
                  role="columnheader"
                  tabIndex={-1}
                  aria-colindex={index + 1}
                  aria-sort={sorted === null ? undefined : sorted.descending ? "descending" : "ascending"}
                  title={texts.sortBy(visibleText(column?.name ?? ""))}
                  className={classNames(
                    styles.columnHead,
                    isNumericType(column?.type ?? null) && styles.numeric,
                    activeRow === HEAD_ROW && activeColumn === index && styles.active,
                  )}
                  style={{ left: start, width: size }}
                  onClick={() => {
                    setActive({ row: HEAD_ROW, column: index });
                    sortBy(index);
                  }}
                >
                  <bdi className={styles.label}>{visibleText(column?.name ?? "")}</bdi>
                  {sorted === null ? null : <Sign aria-hidden />}
                </div>
              );
            })}
          </div>
          {visibleRows.map((item) => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={classNames(styles.row, item.index === activeRow && styles.activeRow)}
              style={{ transform: `translateY(${item.start}px)`, width: totalWidth, minWidth: "100%" }}
            >
              {visibleColumns.map(({ index, start, size }) => (
                <Cell
                  key={index}
                  id={`${id}-${item.index}-${index}`}
                  value={valueAt(item.index, index)}
                  type={columns[index]?.type ?? null}
                  isCut={cut.has(`${placeOf(item.index)}:${index}`)}
                  isActive={item.index === activeRow && index === activeColumn}
                  column={index}
                  start={start}
                  size={size}
                  onPoint={() => setActive({ row: item.index, column: index })}
                  onOpen={() => onShowValue(placeOf(item.index), index)}
                />
              ))}
            </div>
          ))}
        </div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className={styles.menu}>
          <ContextMenu.Popup className={styles.popup}>
            <ContextMenu.Item className={styles.item} onClick={() => copy("cell")}>
              {texts.copyCell}
              <Kbd keys="Ctrl C" />
            </ContextMenu.Item>
            <ContextMenu.Item className={styles.item} onClick={() => copy("row")}>
              {texts.copyRow}
              <Kbd keys="Ctrl Shift C" />
            </ContextMenu.Item>
            <ContextMenu.Item
              className={styles.item}
              onClick={() => onShowValue(placeOf(Math.max(0, activeRow)), activeColumn)}
            >
              {texts.showValue}
              <Kbd keys="Enter" />
            </ContextMenu.Item>
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

interface CellProps {
  readonly id: string;
  readonly value: string | null;
  readonly type: string | null;
  readonly isCut: boolean;
  readonly isActive: boolean;
  readonly column: number;
  readonly start: number;
  readonly size: number;
  onPoint(): void;
  onOpen(): void;
}

function Cell({ id, value, type, isCut, isActive, column, start, size, onPoint, onOpen }: CellProps) {
  return (
    <div
      id={id}
      role="gridcell"
      tabIndex={-1}
      aria-colindex={column + 1}
      aria-label={value === "" ? texts.emptyText : undefined}
      className={classNames(
        styles.cell,
        isNumericType(type) && styles.numeric,
        value === null && styles.null,
        value === "" && styles.emptyText,
        isActive && styles.active,
      )}
      style={{ left: start, width: size }}
      onPointerDown={onPoint}
      onDoubleClick={onOpen}
    >
      {value === null ? texts.null : value === "" ? "''" : <bdi>{cellText(value, type, isCut)}</bdi>}
      {isCut ? <VisuallyHidden>{texts.cut}</VisuallyHidden> : null}
    </div>
  );
}

function cellText(value: string, type: string | null, isCut: boolean): string {
  const shown = cellValue(value, type, isCut);
  const short = shown.length > CELL_CHARACTERS ? `${shown.slice(0, CELL_CHARACTERS)}…` : shown;
  return visibleText(short);
}

/** As wide as what the first page holds, within limits; what comes later does not make columns jump. */
function columnWidths({ columns, rows }: LoadedRows): readonly number[] {
  const first = rows.slice(0, 100);
  return columns.map(({ name, type }, index) => {
    const longest = first.reduce((most, row) => Math.max(most, row[index] === null ? 4 : (row[index]?.length ?? 0)), 0);
    const characters = Math.min(isNumericType(type) ? 24 : 42, Math.max(longest, Math.ceil(name.length * 0.95) + 2, 3));
    return Math.ceil(characters * CHARACTER_WIDTH) + 25;
  });
}
