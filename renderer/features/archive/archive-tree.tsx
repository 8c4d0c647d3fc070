import { useEffect, useMemo, useRef, useState } from "react";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { classNames } from "../../components/class-names.ts";
import { SearchField } from "../../components/search-field.tsx";
import { Tree, type TreeRow } from "../../components/tree.tsx";
import { cutMiddle } from "../../components/visible.tsx";
import { archiveStoreOf, type OpenedArchive, useArchive } from "./archive-store.ts";
import styles from "./archive-tree.module.css";
import { toggleTick } from "./model/selection.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { matchesItself, matchIn } from "./model/tree-search.ts";
import { texts } from "./texts.ts";
import { createRowSource, nameOf, numbersOf } from "./tree-row.ts";
import { useWidth } from "./use-width.ts";

export interface ArchiveTreeProps {
  readonly opened: OpenedArchive;
  /** The object that is shown beside the tree; -1 for none. */
  readonly current: NodeIndex;
  onChoose(node: NodeIndex): void;
}

/** Everything in an archive, to be searched, ticked and chosen from. */
export function ArchiveTree({ opened, current, onChoose }: ArchiveTreeProps) {
  const { tree } = opened;
  const store = archiveStoreOf(useClient());
  const { rows, matches, unfolded, toggledInSearch, selection } = useArchive();
  const pane = useRef<HTMLElement>(null);
  const width = useWidth(pane, 280);
  const folds = matches === null ? unfolded : toggledInSearch;

  const rowAt = useMemo(() => {
    const labelOf = (node: NodeIndex) => (
      <NodeLabel
        tree={tree}
        node={node}
        query={matches?.query ?? ""}
        isMatch={matches === null || matchesItself(matches, node)}
        width={width}
      />
    );
    return createRowSource({ tree, rows, matches, folds, selection }, labelOf);
  }, [tree, rows, matches, folds, selection, width]);

  const actions = useMemo(
    () => ({
      toggle: ({ key }: TreeRow) => store.fold(Number(key)),
      tick({ key }: TreeRow) {
        const state = store.getState();
        const found = state.matches;
        // What a search hides is not ticked along.
        const isMeant = found === null ? undefined : (node: NodeIndex) => matchesItself(found, node);
        store.select(toggleTick(tree, state.selection, Number(key), isMeant));
      },
    }),
    [store, tree],
  );

  // What is chosen elsewhere (a link in the lists of needs, an address) is brought into view; what was chosen here is there.
  const [reveal, setReveal] = useState<number | null>(null);
  const chosenHere = useRef<NodeIndex>(-1);
  useEffect(() => {
    if (current < 0 || current === chosenHere.current) return;
    store.reveal(current);
    setReveal(store.getState().rows.nodes.indexOf(current));
  }, [current, store]);

  /** From the search down into the tree, to the first match. */
  function goToFirst(): void {
    store.searchNow();
    const state = store.getState();
    const row = state.matches === null ? 0 : state.rows.nodes.indexOf(state.matches.first);
    if (row < 0) return;
    setReveal(row);
    // The row is there after the tree has followed.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => pane.current?.querySelector<HTMLElement>(`[data-row="${row}"]`)?.focus()),
    );
  }

  return (
    <section ref={pane} className={styles.pane} aria-label={texts.objects}>
      <TreeSearch onDown={goToFirst} />
      <Tree
        label={texts.objects}
        count={rows.nodes.length}
        rowAt={rowAt}
        selectedKey={current}
        onSelect={(row) => {
          const node = Number(row.key);
          chosenHere.current = node;
          onChoose(node);
          if (tree.role[node] === "group" && row.expanded !== null) store.fold(node);
        }}
        onToggle={actions.toggle}
        onTick={actions.tick}
        revealIndex={reveal}
        empty={<p className={styles.nothing}>{matches === null ? texts.emptyArchive : texts.found(0)}</p>}
      />
    </section>
  );
}

function TreeSearch({ onDown }: { onDown(): void }) {
  const store = archiveStoreOf(useClient());
  const query = useArchive((state) => state.query);
  const found = useArchive(({ matches }) => matches?.found ?? null);

  return (
    <div className={styles.search}>
      <SearchField
        slash
        label={texts.find}
        value={query}
        onChange={(text) => store.search(text)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          event.preventDefault();
          onDown();
        }}
      />
      <p role="status" className={styles.found}>
        {found === null ? null : texts.found(found)}
      </p>
    </div>
  );
}

interface NodeLabelProps {
  readonly tree: TreeModel;
  readonly node: NodeIndex;
  readonly query: string;
  readonly isMatch: boolean;
  /** Of the pane, in pixels. */
  readonly width: number;
}

/** A name as text: every character seen, none obeyed, cut in the middle, the place that was searched for marked. */
function NodeLabel({ tree, node, query, isMatch, width }: NodeLabelProps) {
  const role = tree.role[node] ?? "object";
  const count = tree.count[node] ?? 0;
  const isPartitioned = role === "object" && count > 0;
  const whole = visibleText(nameOf(tree, node));
  const depth = tree.depth[node] ?? 0;
  // Arrow, box and gaps at the left; at the right the numbers, which are as wide as they are long.
  const numbers = (numbersOf(tree, node)?.length ?? 0) * 6.8 + (role === "group" && depth > 0 ? 30 : 0);
  const room = width - 66 - depth * 18 - numbers - (isPartitioned ? 56 : 0);
  const text = cutMiddle(whole, Math.max(9, Math.floor(room / 6.4)));
  const match = isMatch ? matchIn(text, query) : null;
  return (
    <span className={classNames(styles.label, styles[role], !isMatch && styles.dim)}>
      <bdi title={text === whole ? undefined : whole}>
        {match === null ? (
          text
        ) : (
          <>
            {text.slice(0, match.start)}
            <mark>{text.slice(match.start, match.end)}</mark>
            {text.slice(match.end)}
          </>
        )}
      </bdi>
      {role === "group" && depth > 0 ? <span className={styles.count}>{formatCount(count)}</span> : null}
      {isPartitioned ? <span className={styles.parts}>{texts.parts(count)}</span> : null}
    </span>
  );
}
