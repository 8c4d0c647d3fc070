import { ChevronRight } from "lucide-react";
import type { ExplainedEntry, Relations } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Loaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import type { OpenedArchive } from "./archive-store.ts";
import type { NodeIndex } from "./model/tree-model.ts";
import styles from "./object-pane.module.css";
import { texts } from "./texts.ts";

/** More of a list than this says nothing more, and is there in the tree. */
const MOST = 500;

export interface NeedsPaneProps {
  readonly opened: OpenedArchive;
  readonly relations: Loaded<Relations>;
  onChoose(node: NodeIndex): void;
}

/** What an object needs and what needs it, each with the reason and leading there. */
export function NeedsPane({ opened, relations, onChoose }: NeedsPaneProps) {
  const { value, error, reload } = relations;
  if (error !== null)
    return (
      <div className={styles.inner}>
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.readOn}</Button>} />
      </div>
    );
  if (value === null)
    return (
      <div className={styles.inner}>
        <Skeleton label={texts.readingNeeds} />
      </div>
    );
  return (
    <div className={styles.scroll}>
      <EntryList
        title={texts.needs}
        none={texts.needsNothing}
        entries={value.needs}
        opened={opened}
        onChoose={onChoose}
      />
      <EntryList
        title={texts.neededBy}
        none={texts.neededByNothing}
        entries={value.neededBy}
        opened={opened}
        onChoose={onChoose}
      />
    </div>
  );
}

interface EntryListProps {
  readonly title: string;
  readonly none: string;
  readonly entries: readonly ExplainedEntry[];
  readonly opened: OpenedArchive;
  onChoose(node: NodeIndex): void;
}

function EntryList({ title, none, entries, opened, onChoose }: EntryListProps) {
  return (
    <section className={styles.needs}>
      <h3>{title}</h3>
      {entries.length === 0 ? <p className={styles.quiet}>{none}</p> : null}
      <ul>
        {entries.slice(0, MOST).map(({ dumpId, name, because }) => {
          const node = opened.tree.nodeOf(dumpId);
          const kind = opened.tree.kind[node];
          const words = (
            <>
              <span className={styles.needName}>
                <Visible text={name} limit={60} />
                {kind === undefined ? null : <span className={styles.kind}>{texts.kinds[kind]}</span>}
              </span>
              <span className={styles.because}>{visibleText(because)}</span>
            </>
          );
          return (
            <li key={dumpId}>
              {node < 0 ? (
                <div className={styles.need}>{words}</div>
              ) : (
                <button type="button" className={styles.need} onClick={() => onChoose(node)}>
                  {words}
                  <ChevronRight aria-hidden />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {entries.length > MOST ? <p className={styles.quiet}>{texts.andMore(entries.length - MOST)}</p> : null}
    </section>
  );
}
