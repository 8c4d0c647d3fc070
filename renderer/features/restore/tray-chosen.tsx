import { X } from "lucide-react";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Visible } from "../../components/visible.tsx";
import { archiveStoreOf, type OpenedArchive } from "../archive/archive-store.ts";
import { everythingSelected, noSelection, type SelectionSummary, setTicks } from "../archive/model/selection.ts";
import type { NodeIndex } from "../archive/model/tree-model.ts";
import { texts as archiveTexts } from "../archive/texts.ts";
import styles from "./restore-tray.module.css";
import { texts } from "./texts.ts";
import { fullNameShort } from "./tray-objects.ts";

/** Names that are listed; the others are counted. */
const SHOWN = 6;

export interface ChosenProps {
  readonly opened: OpenedArchive;
  readonly summary: SelectionSummary;
  readonly isEmpty: boolean;
}

/** What is ticked, each to be taken out again. */
export function Chosen({ opened, summary, isEmpty }: ChosenProps) {
  const { tree } = opened;
  const store = archiveStoreOf(useClient());
  const { tables, others, isEverything } = summary;
  if (isEmpty)
    return (
      <div>
        <h2 className={styles.title}>{texts.emptyTitle}</h2>
        <p className={styles.empty}>{texts.empty}</p>
        <Button size="small" className={styles.gap} onClick={() => store.select(everythingSelected(tree))}>
          {texts.tickEverything}
        </Button>
      </div>
    );
  const untick = (node: NodeIndex) => store.select(setTicks(tree, store.getState().selection, [node], false));
  const rest = Math.max(0, tables.length - SHOWN) + Math.max(0, others.length - Math.max(0, SHOWN - tables.length));
  return (
    <div>
      <div className={styles.line}>
        <h2 className={styles.title}>{texts.title(tables.length, others.length, isEverything)}</h2>
        <Button size="small" variant="quiet" onClick={() => store.select(noSelection(tree))}>
          {texts.clear}
        </Button>
      </div>
      {isEverything ? (
        <p className={styles.empty}>{texts.everything(tables.length, tables.length + others.length)}</p>
      ) : (
        <ul className={styles.list}>
          {tables.slice(0, SHOWN).map(({ node, rows, isWhole }) => (
            <ChosenRow
              key={node}
              name={fullNameShort(opened, node)}
              note={[isWhole ? null : texts.someParts, rows < 0 ? null : formatCount(rows)].filter(Boolean).join(" · ")}
              onRemove={() => untick(node)}
            />
          ))}
          {others.slice(0, Math.max(0, SHOWN - tables.length)).map((node) => (
            <ChosenRow
              key={node}
              name={fullNameShort(opened, node)}
              note={archiveTexts.kinds[tree.kind[node] ?? "other"]}
              onRemove={() => untick(node)}
            />
          ))}
          {rest === 0 ? null : <li className={styles.rest}>{texts.andMore(rest)}</li>}
        </ul>
      )}
    </div>
  );
}

function ChosenRow({ name, note, onRemove }: { readonly name: string; readonly note: string; onRemove(): void }) {
  return (
    <li className={styles.row}>
      <Visible text={name} limit={26} className={styles.name} />
      <span className={styles.note}>{note}</span>
      <button type="button" className={styles.remove} aria-label={texts.takeOut(visibleText(name))} onClick={onRemove}>
        <X aria-hidden />
      </button>
    </li>
  );
}
