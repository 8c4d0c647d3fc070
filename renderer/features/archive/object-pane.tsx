import { Diff, Download, MousePointerClick } from "lucide-react";
import { useRef, useState } from "react";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { everyRow, type RowFilter, takesEveryRow } from "../../../shared/rows/row-filter.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Menu, type MenuItem } from "../../components/menu.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { navigate } from "../shell/router.ts";
import { archiveStoreOf, type OpenedArchive } from "./archive-store.ts";
import { DefinitionPane } from "./definition-pane.tsx";
import { collectExport, loadedExport, saveBlob } from "./export-rows.ts";
import { fullName } from "./full-name.ts";
import { type ExportFormat, exportFileName, orderRows, type RowOrder } from "./model/row-text.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { NeedsPane } from "./needs-pane.tsx";
import styles from "./object-pane.module.css";
import { RowsPane } from "./rows-pane.tsx";
import { texts } from "./texts.ts";
import { nameOf } from "./tree-row.ts";
import { type LoadedRows, useRows } from "./use-rows.ts";

type Tab = "rows" | "definition" | "needs";

export interface ObjectPaneProps {
  readonly opened: OpenedArchive;
  /** -1: nothing is chosen. */
  readonly node: NodeIndex;
  onChoose(node: NodeIndex): void;
}

/** What is chosen in the tree: its rows, its definition, what it needs. */
export function ObjectPane({ opened, node, onChoose }: ObjectPaneProps) {
  const [tab, setTab] = useState<Tab>("rows");
  const entry = opened.tree.entry[node] ?? -1;
  const dumpId = opened.columns.dumpId[entry];
  if (dumpId === undefined)
    return (
      <section className={styles.pane}>
        <EmptyState icon={<MousePointerClick />} title={texts.chooseObject}>
          {texts.chooseObjectText}
        </EmptyState>
      </section>
    );
  return (
    <ShownObject key={node} opened={opened} node={node} dumpId={dumpId} tab={tab} onTab={setTab} onChoose={onChoose} />
  );
}

interface ShownObjectProps extends ObjectPaneProps {
  readonly dumpId: number;
  readonly tab: Tab;
  onTab(tab: Tab): void;
}

function ShownObject({ opened, node, dumpId, tab, onTab, onChoose }: ShownObjectProps) {
  const { tree, view } = opened;
  const store = archiveStoreOf(useClient());
  const relations = useLoaded(JSON.stringify([view.path, dumpId]), () => store.ask("archive.relations", { dumpId }));
  const rowsId = tree.rowsId[node] ?? 0;
  const name = fullName(tree, node);
  const total = tree.rows[node] ?? -1;
  const needs = relations.value;
  const definition = {
    value: "definition" as const,
    label: texts.tabDefinition,
    panel: <DefinitionPane path={view.path} dumpId={dumpId} name={name} />,
  };
  const needed = {
    value: "needs" as const,
    label: texts.tabNeeds(needs?.needs.length ?? null, needs?.neededBy.length ?? null),
    panel: <NeedsPane opened={opened} relations={relations} onChoose={onChoose} />,
  };

  const heading = (actions?: React.ReactNode) => (
    <header className={styles.head}>
      <h2 className={styles.title}>
        <Visible text={name} limit={52} />
      </h2>
      <span className={styles.numbers}>
        {texts.whoseRows(total, tree.bytes[node] ?? -1) || texts.kinds[tree.kind[node] ?? "other"]}
      </span>
      <span className={styles.grow} />
      {actions}
    </header>
  );

  if (rowsId === 0) {
    const isPartitioned = tree.role[node] === "object" && (tree.count[node] ?? 0) > 0;
    return (
      <section className={styles.pane} aria-label={visibleText(name)}>
        {heading()}
        <Tabs
          label={texts.tabs}
          value={tab === "rows" && !isPartitioned ? "definition" : tab}
          onChange={onTab}
          tabs={[
            ...(isPartitioned
              ? [
                  {
                    value: "rows" as const,
                    label: texts.tabRows,
                    panel: <PartitionList tree={tree} node={node} onChoose={onChoose} />,
                  },
                ]
              : []),
            definition,
            needed,
          ]}
        />
      </section>
    );
  }
  return (
    <WithRows
      opened={opened}
      node={node}
      rowsId={rowsId}
      name={name}
      total={total}
      heading={heading}
      tab={tab}
      onTab={onTab}
      others={[definition, needed]}
    />
  );
}

interface WithRowsProps {
  readonly opened: OpenedArchive;
  readonly node: NodeIndex;
  readonly rowsId: number;
  readonly name: string;
  readonly total: number;
  heading(actions?: React.ReactNode): React.ReactNode;
  readonly tab: Tab;
  onTab(tab: Tab): void;
  readonly others: readonly { readonly value: Tab; readonly label: string; readonly panel: React.ReactNode }[];
}

function WithRows({ opened, node, rowsId, name, total, heading, tab, onTab, others }: WithRowsProps) {
  const [filter, setFilter] = useState<RowFilter>(everyRow);
  const isFiltered = !takesEveryRow(filter);
  const [order, setOrder] = useState<RowOrder | null>(null);
  const rows = useRows(opened.view.path, rowsId, filter);
  const { progress, start, stop } = useExport(opened.tree, node, rowsId);
  const { loaded } = rows;

  return (
    <section className={styles.pane} aria-label={visibleText(name)}>
      {heading(
        <>
          <Button
            size="small"
            icon={<Diff aria-hidden />}
            onClick={() => navigate({ screen: "compare", path: opened.view.path, dumpId: rowsId })}
          >
            {texts.compare}
          </Button>
          <Menu
            trigger={
              <Button
                size="small"
                icon={<Download aria-hidden />}
                disabled={loaded === null || loaded.columns.length === 0 || progress !== null}
              >
                {texts.export}
              </Button>
            }
            items={
              loaded === null
                ? []
                : exportItems(loaded, total, isFiltered, (format, scope) =>
                    start({ format, scope, loaded, order, filter }),
                  )
            }
          />
        </>,
      )}
      <Tabs
        label={texts.tabs}
        value={tab}
        onChange={onTab}
        tabs={[
          {
            value: "rows",
            label: texts.tabRows,
            panel: (
              <RowsPane
                rowsId={rowsId}
                name={name}
                total={total}
                rows={rows}
                filter={filter}
                onFilter={(next) => {
                  setFilter(next);
                  setOrder(null);
                }}
                order={order}
                onOrder={setOrder}
              />
            ),
          },
          ...others,
        ]}
      />
      {progress === null ? null : (
        <div className={styles.export}>
          <div>
            <ProgressBar
              label={texts.export}
              progress={
                !isFiltered && total > 0
                  ? { kind: "measured", unit: "rows", done: progress, total, exact: true, ...noRate }
                  : { kind: "unmeasured", bytes: 0, rows: progress, current: null }
              }
            />
            <span role="status">{texts.exporting(progress, isFiltered ? -1 : total)}</span>
          </div>
          <Button size="small" onClick={stop}>
            {texts.stopExport}
          </Button>
        </div>
      )}
    </section>
  );
}

const noRate = { ratePerSecond: null, remainingMs: null, current: null } as const;

type Scope = "loaded" | "all";

function exportItems(
  loaded: LoadedRows,
  total: number,
  isFiltered: boolean,
  run: (format: ExportFormat, scope: Scope) => void,
): (MenuItem | "separator")[] {
  return (["csv", "jsonl"] as const).flatMap((format, index): (MenuItem | "separator")[] => {
    const all: MenuItem = {
      label: isFiltered
        ? texts.exportFound(texts[format])
        : texts.exportAll(texts[format], loaded.isEnd ? loaded.rows.length : total),
      run: () => run(format, "all"),
    };
    // Where all is loaded there is nothing to choose between.
    const part: MenuItem[] = loaded.isEnd
      ? []
      : [{ label: texts.exportLoaded(texts[format], loaded.rows.length), run: () => run(format, "loaded") }];
    return [...(index === 0 ? [] : ["separator" as const]), ...part, all];
  });
}

interface ExportChoice {
  readonly format: ExportFormat;
  readonly scope: Scope;
  readonly loaded: LoadedRows;
  readonly order: RowOrder | null;
  readonly filter: RowFilter;
}

function useExport(tree: TreeModel, node: NodeIndex, rowsId: number) {
  const store = archiveStoreOf(useClient());
  const [progress, setProgress] = useState<number | null>(null);
  const stopper = useRef<AbortController | null>(null);

  async function collect({
    format,
    scope,
    loaded,
    order,
    filter: { where, search },
  }: ExportChoice): Promise<{ blob: Blob; rows: number } | null> {
    const isHere = loaded.cut.size === 0 && (scope === "loaded" || loaded.isEnd);
    if (isHere) {
      const places = orderRows(loaded.rows, order);
      const rows = places === null ? loaded.rows : places.flatMap((place) => [loaded.rows[place] ?? []]);
      return { blob: loadedExport(loaded.columns, rows, format), rows: rows.length };
    }
    stopper.current = new AbortController();
    setProgress(0);
    return collectExport({
      format,
      limit: scope === "loaded" ? loaded.rows.length : null,
      readPage: (offset, limit) =>
        store.ask("archive.rows", { dumpId: rowsId, offset, limit, where: [...where], search, whole: true }),
      onProgress: setProgress,
      signal: stopper.current.signal,
    });
  }

  async function run(choice: ExportChoice): Promise<void> {
    const file = exportFileName(tree.schema[node] ?? "", tree.label[node] ?? "", choice.format);
    try {
      const made = await collect(choice);
      if (made === null) notify({ tone: "info", title: texts.exportStopped });
      else {
        saveBlob(made.blob, file);
        notify({ tone: "good", title: texts.exported(made.rows, file), text: texts.exportedText });
      }
    } catch (thrown) {
      notifyError(toErrorValue(thrown));
    }
    setProgress(null);
  }

  return { progress, start: (choice: ExportChoice) => void run(choice), stop: () => stopper.current?.abort() };
}

/** A partitioned table has no rows of its own: its partitions, with theirs. */
function PartitionList({
  tree,
  node,
  onChoose,
}: {
  readonly tree: TreeModel;
  readonly node: NodeIndex;
  onChoose(node: NodeIndex): void;
}) {
  const partitions: NodeIndex[] = [];
  for (let at = node + 1; at < (tree.end[node] ?? 0); at = tree.end[at] ?? tree.length) partitions.push(at);
  return (
    <div className={styles.scroll}>
      <section className={styles.needs}>
        <p className={styles.quiet}>{texts.partitionRows}</p>
        <ul>
          {partitions.slice(0, 1000).map((partition) => (
            <li key={partition}>
              <button type="button" className={styles.need} onClick={() => onChoose(partition)}>
                <span className={styles.needName}>
                  <Visible text={nameOf(tree, partition)} limit={60} />
                </span>
                <span className={styles.because}>
                  {(tree.rows[partition] ?? -1) < 0 ? "" : texts.rowsOf(tree.rows[partition] ?? 0)}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {partitions.length > 1000 ? <p className={styles.quiet}>{texts.andMore(partitions.length - 1000)}</p> : null}
      </section>
    </div>
  );
}
