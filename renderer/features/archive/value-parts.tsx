import { useMemo, useState } from "react";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Tree, type TreeRow } from "../../components/tree.tsx";
import { listParts, type PartIndex, partsUnfoldedAtFirst, pathOf, type ValueTree } from "./model/value-tree.ts";
import { texts } from "./texts.ts";
import styles from "./value-dialog.module.css";

/** Characters of a part that its row holds; the part that is chosen is shown whole below. */
const ROW_CHARACTERS = 160;

interface ValuePartsProps {
  readonly tree: ValueTree;
  readonly label: string;
  /** Of a part that is shown whole, at the most. */
  readonly mostCharacters: number;
}

/** A value's parts, folded and unfolded; only those in view exist. */
export function ValueParts({ tree, label, mostCharacters }: ValuePartsProps) {
  const [unfolded, setUnfolded] = useState(() => partsUnfoldedAtFirst(tree));
  const [chosen, setChosen] = useState<PartIndex | null>(null);
  const shown = useMemo(() => listParts(tree, unfolded), [tree, unfolded]);

  function rowAt(index: number): TreeRow {
    const part = shown[index] ?? 0;
    const count = tree.count[part] ?? 0;
    const isWhole = tree.kind[part] !== "object" && tree.kind[part] !== "array";
    const parent = tree.parent[part] ?? -1;
    const place = tree.kind[parent] === "array" ? formatCount((tree.position[part] ?? 1) - 1) : null;
    const name = tree.name[part] ?? place;
    const text = tree.textOf(part, ROW_CHARACTERS + 1);
    const cut = visibleText(text.length > ROW_CHARACTERS ? `${text.slice(0, ROW_CHARACTERS)}…` : text);
    return {
      key: part,
      level: (tree.depth[part] ?? 0) + 1,
      text: name === null ? cut : visibleText(name),
      label: (
        <span className={styles.part}>
          {name === null ? null : (
            <span className={place === null ? styles.name : styles.place}>{visibleText(name)}</span>
          )}
          {isWhole || count === 0 || !unfolded.has(part) ? <span className={styles.text}>{cut}</span> : null}
        </span>
      ),
      note: isWhole ? undefined : tree.kind[part] === "object" ? texts.fields(count) : texts.elements(count),
      expanded: count === 0 ? null : unfolded.has(part),
      tick: null,
      position: tree.position[part] ?? 1,
      siblings: parent < 0 ? 1 : (tree.count[parent] ?? 1),
    };
  }

  function toggle({ key }: TreeRow): void {
    const next = new Set(unfolded);
    const part = Number(key);
    if (!next.delete(part)) next.add(part);
    setUnfolded(next);
  }

  const whole = chosen === null ? null : tree.textOf(chosen);
  return (
    <div className={styles.parts}>
      <div className={styles.tree}>
        <Tree
          label={label}
          count={shown.length}
          rowAt={rowAt}
          selectedKey={chosen}
          onSelect={({ key }) => setChosen(Number(key))}
          onToggle={toggle}
        />
      </div>
      {chosen === null || whole === null ? (
        <p className={styles.hint}>{texts.choosePart}</p>
      ) : (
        <div className={styles.chosen}>
          <p className={styles.path}>{visibleText(pathOf(tree, chosen))}</p>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long part is scrolled by keyboard */}
          <pre tabIndex={0} role="region" aria-label={texts.part}>
            {visibleLines(whole.slice(0, mostCharacters))}
          </pre>
          <CopyButton text={whole} label={texts.copyPart} />
        </div>
      )}
    </div>
  );
}
