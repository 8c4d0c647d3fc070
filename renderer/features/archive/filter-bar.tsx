import { Plus, Search, X } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import type { RowColumn } from "../../../shared/rows/row-columns.ts";
import { formatRowCondition, parseRowCondition, type RowCondition } from "../../../shared/rows/row-condition.ts";
import type { RowFilter } from "../../../shared/rows/row-filter.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { IconButton } from "../../components/icon-button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { ConditionForm } from "./condition-form.tsx";
import styles from "./filter-bar.module.css";
import { texts } from "./texts.ts";

export interface FilterBarProps {
  /** null before the first page of rows. */
  readonly columns: readonly RowColumn[] | null;
  readonly filter: RowFilter;
  onFilter(filter: RowFilter): void;
  /** How far the rows are, at the bar's end. */
  readonly children: ReactNode;
}

/** Which rows are shown: a text that any column holds, and conditions that are added and removed one by one. */
export function FilterBar({ columns, filter, onFilter, children }: FilterBarProps) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  // Columns stay known while other rows are on their way.
  const [known, setKnown] = useState(columns);
  if (columns !== null && columns !== known) setKnown(columns);

  function close(): void {
    setOpen(false);
    opener.current?.focus();
  }

  function remove(at: number): void {
    onFilter({ ...filter, where: filter.where.toSpliced(at, 1) });
    opener.current?.focus();
  }

  return (
    <>
      <div className={styles.bar}>
        <SearchText search={filter.search} onSearch={(search) => onFilter({ ...filter, search })} />
        <Button
          ref={opener}
          size="small"
          icon={<Plus aria-hidden />}
          aria-expanded={isOpen}
          disabled={known === null || known.length === 0}
          onClick={() => setOpen(!isOpen)}
        >
          {texts.addCondition}
        </Button>
        {children}
      </div>
      {filter.where.length > 0 ? (
        <ul className={styles.conditions} aria-label={texts.conditions}>
          {filter.where.map((text, at) => (
            <li key={text} className={styles.condition}>
              <bdi>{describe(text)}</bdi>
              <IconButton label={texts.removeCondition(describe(text))} onClick={() => remove(at)}>
                <X aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      ) : null}
      {isOpen && known !== null ? (
        <ConditionForm
          columns={known}
          onAdd={(condition) => {
            const text = formatRowCondition(condition);
            if (!filter.where.includes(text)) onFilter({ ...filter, where: [...filter.where, text] });
            close();
          }}
          onClose={close}
        />
      ) : null}
    </>
  );
}

/** A condition in words. */
function describe(text: string): string {
  const { column, operator, values }: RowCondition = parseRowCondition(text);
  const value = values.map((each) => (each === "" ? "''" : visibleText(each))).join(", ");
  return `${visibleText(column)} ${texts.operators[operator]}${value === "" ? "" : ` ${value}`}`;
}

function SearchText({ search, onSearch }: { readonly search: string | null; onSearch(search: string | null): void }) {
  const [text, setText] = useState(search ?? "");
  const clear = () => {
    setText("");
    if (search !== null) onSearch(null);
  };
  return (
    <div className={classNames(styles.search, search !== null && styles.on)}>
      <Search aria-hidden />
      <input
        role="searchbox"
        aria-label={texts.search}
        title={texts.searchHelp}
        placeholder={texts.search}
        spellCheck={false}
        autoComplete="off"
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onSearch(text === "" ? null : text);
          else if (event.key === "Escape" && text !== "") {
            event.stopPropagation();
            clear();
          }
        }}
      />
      {text !== "" && text !== search ? <Kbd keys="Enter" /> : null}
      {text !== "" ? (
        <IconButton label={texts.clearSearch} shortcut="Esc" onClick={clear}>
          <X aria-hidden />
        </IconButton>
      ) : null}
    </div>
  );
}
