import { ArrowRight, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { SchemaDiffView } from "../../../shared/contract/views.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { Visible } from "../../components/visible.tsx";
import { formatRoute } from "../shell/router.ts";
import compare from "./compare-screen.module.css";
import styles from "./definitions.module.css";
import { Sentences } from "./put-back-dialog.tsx";
import { texts } from "./texts.ts";

type Difference = SchemaDiffView["differences"][number];
type Tab = Difference["kind"] | "tables";

export interface DefinitionsProps {
  /** Of the archive. */
  readonly path: string;
  readonly view: SchemaDiffView;
  /** The other side as an address names it; undefined where none can. */
  readonly other: string | undefined;
}

/** What definitions differ, each with both of them, and the tables whose rows can be compared. */
export function Definitions({ path, view, other }: DefinitionsProps) {
  const { counts, notes, differences, tables } = view;
  const [tab, setTab] = useState<Tab>(firstTab(view));
  const where = [view.database, view.where].filter((part) => part !== null && part !== "").join(" · ");
  const isSame = counts.changed + counts.removed + counts.added === 0;
  const panel = (kind: Difference["kind"]) => (
    <DifferenceList
      key={kind}
      kind={kind}
      differences={differences.filter((each) => each.kind === kind)}
      count={counts[kind]}
    />
  );
  return (
    <section className={compare.card} aria-label={texts.definitions}>
      <header className={compare.head}>
        <h2 className={compare.title}>{isSame ? texts.sameDefinitions : texts.definitions}</h2>
        <span className={compare.quiet}>
          {visibleText(where)}, {texts.sameObjects(counts.same)}
        </span>
      </header>
      {notes.length === 0 ? null : <Sentences title={texts.notes} sentences={notes} />}
      <Tabs<Tab>
        label={texts.definitions}
        value={tab}
        onChange={setTab}
        tabs={[
          { value: "changed", label: texts.changed(counts.changed), panel: panel("changed") },
          { value: "removed", label: texts.only(counts.removed).missing, panel: panel("removed") },
          { value: "added", label: texts.only(counts.added).added, panel: panel("added") },
          {
            value: "tables",
            label: texts.rowsOfTables(tables.length),
            panel: <Tables path={path} tables={tables} other={other} />,
          },
        ]}
      />
    </section>
  );
}

function firstTab({ counts }: SchemaDiffView): Tab {
  return (["changed", "removed", "added"] as const).find((kind) => counts[kind] > 0) ?? "tables";
}

/** So many at a time: each may hold long definitions. */
const step = 100;

interface DifferenceListProps {
  readonly kind: Difference["kind"];
  readonly differences: readonly Difference[];
  /** All of them, those that were not sent too. */
  readonly count: number;
}

function DifferenceList({ kind, differences, count }: DifferenceListProps) {
  const [shown, setShown] = useState(step);
  if (differences.length === 0) return <p className={compare.quiet}>{texts.nothingDiffers[kind]}</p>;
  return (
    <>
      <ul className={styles.list}>
        {differences.slice(0, shown).map((difference) => (
          <DifferenceRow
            key={JSON.stringify([difference.desc, difference.name, difference.before, difference.after])}
            difference={difference}
          />
        ))}
      </ul>
      {shown < differences.length ? (
        <div className={styles.more}>
          <Button size="small" variant="quiet" onClick={() => setShown(shown + step)}>
            {texts.showMore(Math.min(step, differences.length - shown))}
          </Button>
        </div>
      ) : null}
      {shown >= differences.length && differences.length < count ? (
        <p className={compare.quiet}>{texts.first(differences.length, count)}</p>
      ) : null}
    </>
  );
}

function DifferenceRow({ difference }: { readonly difference: Difference }) {
  const { desc, name, columns } = difference;
  // What is folded is not made: a definition may be long.
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li>
      <button type="button" className={styles.row} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <ChevronRight aria-hidden />
        <Badge>{desc.toLowerCase()}</Badge>
        <span className={styles.name}>
          <Visible text={name} limit={70} />
        </span>
        {columns.length === 0 ? null : <span className={styles.count}>{texts.columnsDiffer(columns.length)}</span>}
      </button>
      {isOpen ? <Both difference={difference} /> : null}
    </li>
  );
}

function Both({ difference }: { readonly difference: Difference }) {
  const { before, after, columns } = difference;
  return (
    <div className={styles.both}>
      {columns.length === 0 ? null : (
        <ul className={styles.columns}>
          {columns.map(({ column, before: one, after: other }) => (
            <li key={column}>
              <span className={styles.column}>{visibleText(column)}</span>
              <code className={styles.then}>{one === null ? texts.notThere : visibleText(one)}</code>
              <ArrowRight aria-hidden />
              <code className={styles.now}>{other === null ? texts.notThere : visibleText(other)}</code>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.sides}>
        {before === null ? null : <Definition title={texts.inThisBackup} text={before} />}
        {after === null ? null : <Definition title={texts.onTheOtherSide} text={after} />}
      </div>
    </div>
  );
}

function Definition({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <figure className={styles.definition}>
      <figcaption>{title}</figcaption>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long definition is scrolled by keyboard */}
      <pre tabIndex={0} role="region" aria-label={title}>
        {visibleLines(text)}
      </pre>
    </figure>
  );
}

interface TablesProps {
  readonly path: string;
  readonly tables: SchemaDiffView["tables"];
  readonly other: string | undefined;
}

/** The way to the rows of each table. */
function Tables({ path, tables, other }: TablesProps) {
  const [shown, setShown] = useState(step);
  if (tables.length === 0) return <p className={compare.quiet}>{texts.noTables}</p>;
  return (
    <>
      <ul className={styles.list}>
        {tables.slice(0, shown).map(({ dumpId, name }) => (
          <li key={dumpId}>
            <a className={styles.row} href={formatRoute({ screen: "compare", path, dumpId, with: other })}>
              <span className={styles.name}>
                <Visible text={name} limit={80} />
              </span>
              <span className={styles.count}>{texts.compareRows}</span>
              <ChevronRight aria-hidden />
            </a>
          </li>
        ))}
      </ul>
      {shown < tables.length ? (
        <div className={styles.more}>
          <Button size="small" variant="quiet" onClick={() => setShown(shown + step)}>
            {texts.showMore(Math.min(step, tables.length - shown))}
          </Button>
        </div>
      ) : null}
    </>
  );
}
