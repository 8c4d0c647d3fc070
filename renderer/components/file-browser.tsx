import { Archive, ArrowUp, File, Folder } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { FolderView } from "../../shared/contract/views.ts";
import { useClient } from "../client/client-context.ts";
import { useLoaded } from "../client/use-loaded.ts";
import { Button } from "./button.tsx";
import { Bytes } from "./bytes.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { Dialog } from "./dialog.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import styles from "./file-browser.module.css";
import { IconButton } from "./icon-button.tsx";
import { type PathQuestion, pathQuestion } from "./pick-path.ts";
import { RelativeTime } from "./relative-time.tsx";
import { Select } from "./select.tsx";
import { Skeleton } from "./skeleton.tsx";
import { Visible } from "./visible.tsx";

type Entry = FolderView["entries"][number];

/** The app's own file dialog, for hosts without the system's; once in the window, opened through usePickArchive and -Folder. */
export function FileBrowser() {
  const question = useStore(pathQuestion, (state) => state.question);
  if (question === null) return null;
  return <Browser question={question} />;
}

function Browser({ question }: { readonly question: PathQuestion }) {
  const client = useClient();
  const [path, setPath] = useState<string | null>(null);
  const [selected, setSelected] = useState<Entry | null>(null);
  const folder = useLoaded(path ?? "", () => client.invoke("files.list", { path }));
  const view = folder.value;
  const isFolderAsked = question.what === "folder";
  const list = useRef<HTMLDivElement>(null);
  const openPath = view?.path;
  useEffect(() => {
    // Each folder begins at its first row.
    if (openPath === undefined) return;
    list.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"], [role="grid"]')?.focus();
  }, [openPath]);
  const entries = view?.entries.filter((entry) => !isFolderAsked || entry.kind === "folder") ?? [];
  const choice = isFolderAsked ? (view?.path ?? null) : (selected?.path ?? null);

  function go(next: string): void {
    setSelected(null);
    setPath(next);
  }

  function openEntry(entry: Entry): void {
    if (entry.kind === "folder") go(entry.path);
    else question.answer(entry.path);
  }

  return (
    <Dialog
      open
      size="large"
      title={isFolderAsked ? "Choose a folder" : "Open a dump file"}
      description={
        isFolderAsked
          ? "Go into the folder, then choose it."
          : "Files and folders made by pg_dump, on the computer Lifeboat runs on."
      }
      onOpenChange={(open) => {
        if (!open) question.answer(null);
      }}
      footer={
        <>
          <Button onClick={() => question.answer(null)}>Cancel</Button>
          <Button
            variant="primary"
            disabled={choice === null}
            onClick={() => {
              if (!isFolderAsked && selected?.kind === "folder") go(selected.path);
              else if (choice !== null) question.answer(choice);
            }}
          >
            {isFolderAsked ? "Choose this folder" : "Open"}
          </Button>
        </>
      }
    >
      <div className={styles.bar}>
        <IconButton
          label="The folder above"
          disabled={view === null || view.parent === null}
          onClick={() => {
            if (view !== null && view.parent !== null) go(view.parent);
          }}
        >
          <ArrowUp aria-hidden />
        </IconButton>
        <span className={styles.path}>{view === null ? null : <Visible text={view.path} limit={80} />}</span>
        {view === null || view.roots.length < 2 ? null : (
          <Select
            label="Places"
            hideLabel
            size="small"
            value={rootOf(view)}
            options={view.roots.map((root) => ({ value: root.path, label: root.label }))}
            onChange={go}
          />
        )}
      </div>
      {folder.error === null ? null : (
        <ErrorPanel error={folder.error} actions={<Button onClick={folder.reload}>Try again</Button>} />
      )}
      <div ref={list} className={styles.list}>
        {view === null ? (
          folder.error === null && <Skeleton label="Reading the folder" lines={[40, 62, 55, 48, 60]} />
        ) : (
          <DataTable
            key={view.path}
            label={`Content of ${view.path}`}
            columns={columns}
            rows={entries}
            rowKey={(entry) => entry.path}
            rowHeight={30}
            selectedKey={selected?.path ?? null}
            onSelect={setSelected}
            onOpen={openEntry}
            empty={<EmptyState title="Nothing here">There is nothing in this folder that can be opened.</EmptyState>}
          />
        )}
      </div>
    </Dialog>
  );
}

const icons = { folder: Folder, archive: Archive, file: File } as const;

const columns: readonly Column<Entry>[] = [
  {
    key: "name",
    title: "Name",
    width: "minmax(220px, 1fr)",
    compare: (one, other) => one.name.localeCompare(other.name),
    cell(entry) {
      const Icon = icons[entry.kind];
      return (
        <span className={styles.name}>
          <Icon aria-label={entry.kind === "folder" ? "Folder" : entry.kind === "archive" ? "Archive" : "File"} />
          <Visible text={entry.name} limit={56} />
        </span>
      );
    },
  },
  {
    key: "size",
    title: "Size",
    width: "96px",
    align: "right",
    compare: (one, other) => (one.sizeBytes ?? -1) - (other.sizeBytes ?? -1),
    cell: (entry) => (entry.sizeBytes === null ? null : <Bytes bytes={entry.sizeBytes} />),
  },
  {
    key: "modified",
    title: "Changed",
    width: "116px",
    align: "right",
    compare: (one, other) => (one.modifiedAt ?? "").localeCompare(other.modifiedAt ?? ""),
    cell: (entry) => (entry.modifiedAt === null ? null : <RelativeTime iso={entry.modifiedAt} />),
  },
];

/** The root the folder lies in: the longest that its path begins with. */
function rootOf(view: FolderView): string | null {
  const holding = view.roots.filter(
    ({ path }) => view.path === path || view.path.startsWith(path.replace(/\/?$/, "/")),
  );
  return holding.toSorted((one, other) => other.path.length - one.path.length)[0]?.path ?? null;
}
