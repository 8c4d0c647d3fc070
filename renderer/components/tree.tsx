import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect } from "react";
import { type Tick, TickBox } from "./checkbox.tsx";
import { classNames } from "./class-names.ts";
import styles from "./tree.module.css";
import { findTyped, useTypeAhead } from "./type-ahead.ts";
import { useRovingRows } from "./use-roving-rows.ts";

export interface TreeRow {
  readonly key: string | number;
  /** 1 at the top. */
  readonly level: number;
  /** What typing ahead looks for, and the label where none is given. Already visible text. */
  readonly text: string;
  readonly label?: ReactNode;
  readonly icon?: ReactNode;
  /** At the right: a size or a count. */
  readonly note?: ReactNode;
  /** null: nothing below it. */
  readonly expanded: boolean | null;
  /** null: it cannot be ticked. */
  readonly tick: Tick | null;
  /** Of its siblings, from 1. */
  readonly position: number;
  readonly siblings: number;
}

export interface TreeProps {
  /** What it holds. */
  readonly label: string;
  /** Rows that are shown, folded ones left out. */
  readonly count: number;
  /** Row by its place; must be cheap. */
  rowAt(index: number): TreeRow;
  readonly selectedKey?: TreeRow["key"] | null | undefined;
  /** Chosen by a click or by Enter. */
  onSelect(row: TreeRow, index: number): void;
  /** Folds or unfolds. */
  onToggle(row: TreeRow, index: number): void;
  /** Ticked or unticked by a click on the box or by Space. */
  onTick?: ((row: TreeRow, index: number) => void) | undefined;
  /** A row to bring into view, whenever it changes to another. */
  readonly revealIndex?: number | null | undefined;
  readonly empty?: ReactNode;
  readonly className?: string | undefined;
}

const rowHeight = 28;

/**
 * A tree of any size: only rows in view exist. Arrows move and fold, Home, End and the page keys jump, letters find names,
 * Space ticks, Enter chooses. Fills its parent, which has to have a height.
 */
export function Tree(props: TreeProps) {
  const { label, count, rowAt, selectedKey, onSelect, onToggle, onTick, revealIndex } = props;
  const roving = useRovingRows({ count, rowHeight });
  const { virtualizer, active } = roving;
  const typeAhead = useTypeAhead();

  useEffect(() => {
    if (revealIndex === null || revealIndex === undefined || revealIndex < 0) return;
    roving.setActive(revealIndex);
    virtualizer.scrollToIndex(revealIndex);
    // oxlint-disable-next-line react/exhaustive-deps -- only a new place to reveal moves the view
  }, [revealIndex]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (count === 0 || roving.onArrows(event)) return;
    const row = rowAt(active);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isPlain) return;
    if (event.key === "ArrowRight") {
      if (row.expanded === false) onToggle(row, active);
      else if (row.expanded === true) roving.moveTo(active + 1);
    } else if (event.key === "ArrowLeft") {
      if (row.expanded === true) onToggle(row, active);
      else roving.moveTo(parentOf(active, rowAt));
    } else if (event.key === "Enter") onSelect(row, active);
    else if (event.key === " " && !typeAhead.isTyping()) {
      if (row.tick === null || onTick === undefined) onSelect(row, active);
      else onTick(row, active);
    } else if (event.key.length === 1 && event.key !== "/") {
      const found = findTyped(typeAhead.type(event.key), active, count, (index) => rowAt(index).text);
      if (found !== -1) roving.moveTo(found);
    } else return;
    event.preventDefault();
  }

  return (
    <div
      ref={roving.scroller}
      role="tree"
      aria-label={label}
      className={classNames(styles.tree, props.className)}
      tabIndex={count === 0 ? 0 : -1}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={styles.content} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          if (index >= count) return null;
          const row = rowAt(index);
          return (
            <Row
              key={row.key}
              row={row}
              index={index}
              start={start}
              isActive={index === active}
              isSelected={row.key === selectedKey}
              onFocus={roving.setActive}
              onSelect={onSelect}
              onToggle={onToggle}
              onTick={onTick}
            />
          );
        })}
      </div>
      {count === 0 ? props.empty : null}
    </div>
  );
}

interface RowProps extends Pick<TreeProps, "onSelect" | "onToggle" | "onTick"> {
  readonly row: TreeRow;
  readonly index: number;
  readonly start: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  onFocus(index: number): void;
}

const Row = memo(function Row(props: RowProps) {
  const { row, index, start, isActive, isSelected, onFocus, onSelect, onToggle, onTick } = props;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree hears the keys
    <div
      role="treeitem"
      data-row={index}
      tabIndex={isActive ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={isSelected}
      aria-checked={row.tick ?? undefined}
      className={styles.row}
      style={{ transform: `translateY(${start}px)`, paddingLeft: 6 + (row.level - 1) * 18 }}
      onFocus={() => onFocus(index)}
      onClick={() => onSelect(row, index)}
      onDoubleClick={() => {
        if (row.expanded !== null) onToggle(row, index);
      }}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- arrows do the same */}
      <span
        className={styles.arrow}
        data-open={row.expanded === true ? "" : undefined}
        onClick={(event) => {
          if (row.expanded === null) return;
          event.stopPropagation();
          onToggle(row, index);
        }}
      >
        {row.expanded === null ? null : <ChevronRight aria-hidden />}
      </span>
      {row.tick === null ? null : (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- Space does the same
        <span
          className={styles.tick}
          onClick={(event) => {
            event.stopPropagation();
            onTick?.(row, index);
          }}
        >
          <TickBox tick={row.tick} />
        </span>
      )}
      {row.icon}
      <span className={styles.label}>{row.label ?? row.text}</span>
      {row.note === undefined ? null : <span className={styles.note}>{row.note}</span>}
    </div>
  );
}, isSameRow);

/** rowAt may make its rows anew each time: two rows are one where they look alike. */
function isSameRow(one: RowProps, other: RowProps): boolean {
  return (
    one.start === other.start &&
    one.isActive === other.isActive &&
    one.isSelected === other.isSelected &&
    one.onSelect === other.onSelect &&
    one.onToggle === other.onToggle &&
    one.onTick === other.onTick &&
    (one.row === other.row ||
      (one.row.key === other.row.key &&
        one.row.tick === other.row.tick &&
        one.row.expanded === other.row.expanded &&
        one.row.text === other.row.text &&
        one.row.label === other.row.label &&
        one.row.note === other.row.note &&
        one.row.icon === other.row.icon &&
        one.row.position === other.row.position &&
        one.row.siblings === other.row.siblings))
  );
}

/** The row that holds another; the row itself at the top. */
function parentOf(index: number, rowAt: (index: number) => TreeRow): number {
  const { level } = rowAt(index);
  for (let above = index - 1; above >= 0; above -= 1) if (rowAt(above).level < level) return above;
  return index;
}
