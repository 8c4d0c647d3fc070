import { Diff, Download, MousePointerClick } from "lucide-react";
import { useState } from "react";
import { everyRow, type RowFilter } from "../../../shared/rows/row-filter.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { Visible } from "../../components/visible.tsx";
import { navigate } from "../shell/router.ts";
import { archiveStoreOf, type OpenedArchive } from "./archive-store.ts";
import { DefinitionPane } from "./definition-pane.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { ExportProgress } from "./export-progress.tsx";
import { fullName } from "./full-name.ts";
import { LargeObjectsPane } from "./large-objects-pane.tsx";
import type { RowOrder } from "./model/row-text.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { NeedsPane } from "./needs-pane.tsx";
import styles from "./object-pane.module.css";
import { RowsPane } from "./rows-pane.tsx";
import { texts } from "./texts.ts";
import { nameOf } from "./tree-row.ts";
import { useRows } from "./use-rows.ts";

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
  const isLargeObjects = tree.kind[node] === "largeObjects";
  const bytes = tree.bytes[node] ?? -1;
  const numbers = isLargeObjects ? texts.largeObjectsOf(tree.count[node] ?? 0, bytes) : texts.whoseRows(total, bytes);
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
      <span className={styles.numbers}>{numbers || texts.kinds[tree.kind[node] ?? "other"]}</span>
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
          value={tab === "rows" && !isPartitioned && !isLargeObjects ? "definition" : tab}
          onChange={onTab}
          tabs={[
            ...(isLargeObjects
              ? [
                  {
                    value: "rows" as const,
                    label: texts.tabLargeObjects,
                    panel: <LargeObjectsPane dumpId={dumpId} />,
                  },
                ]
              : []),
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
  const [order, setOrder] = useState<RowOrder | null>(null);
  const rows = useRows(opened.view.path, rowsId, filter);
  const [isExporting, setExporting] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
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
          <Button
            size="small"
            icon={<Download aria-hidden />}
            disabled={loaded === null || loaded.columns.length === 0}
            onClick={() => setExporting(true)}
          >
            {texts.exportRows}
          </Button>
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
                onSaving={setJobId}
              />
            ),
          },
          ...others,
        ]}
      />
      {jobId === null ? null : <ExportProgress key={jobId} jobId={jobId} onEnd={() => setJobId(null)} />}
      {isExporting ? (
        <ExportDialog
          rowsId={rowsId}
          schema={opened.tree.schema[node] ?? ""}
          table={opened.tree.label[node] ?? ""}
          filter={filter}
          total={total}
          onStarted={setJobId}
          onClose={() => setExporting(false)}
        />
      ) : null}
    </section>
  );
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
