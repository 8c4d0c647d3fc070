import type { ComparedRow, CompareView } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Checkbox } from "../../components/checkbox.tsx";
import { classNames } from "../../components/class-names.ts";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import styles from "./compare-screen.module.css";
import { texts } from "./texts.ts";
import { isTicked, type TickedKind, type Ticks, tickAll, tickKey, tickOfAll, tickRow } from "./ticks.ts";

export interface DifferenceTableProps {
  readonly view: CompareView;
  readonly kind: ComparedRow["kind"];
  /** Which rows go back; null where two backups are compared and none does. */
  readonly ticking: Ticking | null;
}

interface Ticking {
  readonly ticks: Ticks;
  onTicks(ticks: Ticks): void;
}

/** The first rows of one kind; a changed value stands beside what it was. */
export function DifferenceTable({ view, kind, ticking }: DifferenceTableProps) {
  const rows = view.rows.filter((row) => row.kind === kind);
  if (rows.length === 0)
    return <p className={styles.quiet}>{(ticking === null ? texts.nothingOfArchive : texts.nothing)[kind]}</p>;
  const ticked = ticking === null || kind === "added" || !view.hasKey ? null : { kind, ...ticking };
  return (
    <div className={styles.panel}>
      {kind === "added" && ticking !== null ? <p className={styles.quiet}>{texts.addedText}</p> : null}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={texts.rows}>
        <table className={styles.table}>
          <thead>
            <tr>
              {ticked === null ? null : (
                <th scope="col" className={styles.tick}>
                  <Checkbox
                    hideLabel
                    label={texts.tickAll[ticked.kind]}
                    checked={tickOfAll(ticked.ticks, ticked.kind)}
                    onChange={(isOn) => ticked.onTicks(tickAll(ticked.ticks, ticked.kind, isOn))}
                  />
                </th>
              )}
              {view.columns.map(({ name, isNumeric }) => (
                <th key={name} scope="col" className={classNames(isNumeric && styles.number)}>
                  {visibleText(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <Row key={tickKey(row) ?? at} row={row} view={view} ticked={ticked} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length < view.counts[kind] ? (
        <p className={styles.quiet}>{texts.first(rows.length, view.counts[kind])}</p>
      ) : null}
    </div>
  );
}

interface RowProps {
  readonly row: ComparedRow;
  readonly view: CompareView;
  readonly ticked: (Ticking & { readonly kind: TickedKind }) | null;
}

function Row({ row, view, ticked }: RowProps) {
  const [then, now] = view.environment === null ? [texts.here, texts.there] : [texts.before, texts.now];
  const values = row.backup ?? row.live ?? [];
  const key = tickKey(row);
  return (
    <tr>
      {ticked === null ? null : (
        <td className={styles.tick}>
          {key === null ? null : (
            <Checkbox
              hideLabel
              label={texts.tick(visibleText((row.key ?? []).join(", ")))}
              checked={isTicked(ticked.ticks, ticked.kind, key)}
              onChange={(isOn) => ticked.onTicks(tickRow(ticked.ticks, ticked.kind, view, key, isOn))}
            />
          )}
        </td>
      )}
      {view.columns.map(({ name, isNumeric }, place) => (
        <td key={name} className={classNames(isNumeric && styles.number)}>
          {row.changed.includes(place) ? (
            <>
              <Value value={values[place] ?? null} className={styles.then} said={then} /> <span aria-hidden>→</span>{" "}
              <Value value={row.live?.[place] ?? null} className={styles.now} said={now} />
            </>
          ) : (
            <Value value={values[place] ?? null} />
          )}
        </td>
      ))}
    </tr>
  );
}

/** Characters of a value that a cell shows. */
const longest = 120;

interface ValueProps {
  readonly value: string | null;
  readonly className?: string | undefined;
  /** For those who do not see the colour. */
  readonly said?: string;
}

function Value({ value, className, said }: ValueProps) {
  const text = value === null ? "NULL" : value.length > longest ? `${value.slice(0, longest)}…` : value;
  return (
    <span className={classNames(value === null && styles.null, className)}>
      {visibleText(text)}
      {said === undefined ? null : <VisuallyHidden> ({said})</VisuallyHidden>}
    </span>
  );
}
