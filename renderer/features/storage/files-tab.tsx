import { ArchiveRestore, ChevronRight, File, FileText, Folder, FolderOpen, Pin } from "lucide-react";
import type { StorageEntry } from "../../../shared/contract/storage-views.ts";
import { formatTime } from "../../../shared/text/format.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import { formatRoute } from "../shell/router.ts";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";

export interface FilesTabProps {
  readonly name: string;
  /** The folder that is looked at; empty for the root. */
  readonly at: string;
}

/** What lies in a storage, folder by folder, as it is: files of other tools too. */
export function FilesTab({ name, at }: FilesTabProps) {
  const client = useClient();
  const { value, error, reload } = useLoaded(`${name}\n${at}`, () => client.invoke("storages.browse", { name, at }));
  return (
    <Card flush title={<PathTo name={name} at={at} />}>
      {error === null ? null : <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />}
      {value === null && error === null ? (
        <EmptyShape />
      ) : value === null ? null : value.entries.length === 0 ? (
        <EmptyState icon={<FolderOpen />} title={texts.browseEmpty}>
          {texts.browseEmptyText}
        </EmptyState>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.columns.name}</th>
              <th scope="col">{texts.columns.what}</th>
              <th scope="col" className={styles.number}>
                {texts.columns.size}
              </th>
              <th scope="col" className={styles.number}>
                {texts.columns.modified}
              </th>
            </tr>
          </thead>
          <tbody>
            {value.entries.slice(0, mostShown).map((entry) => (
              <EntryRow key={`${entry.kind} ${entry.path}`} storage={name} entry={entry} />
            ))}
          </tbody>
        </table>
      )}
      {value !== null && (value.isCut || value.entries.length > mostShown) ? (
        <p className={styles.note}>{texts.cut(Math.min(mostShown, value.entries.length))}</p>
      ) : null}
    </Card>
  );
}

/** Nobody reads further than this; the backups have a list of their own. */
const mostShown = 1000;

function EmptyShape() {
  return (
    <div style={{ padding: 16 }}>
      <Skeleton label={texts.browsing} lines={[44, 62, 58, 70]} />
    </div>
  );
}

function PathTo({ name, at }: FilesTabProps) {
  const parts = at === "" ? [] : at.split("/");
  const places = [
    { label: texts.root, path: "" },
    ...parts.map((label, index) => ({ label, path: parts.slice(0, index + 1).join("/") })),
  ];
  return (
    <span className={styles.path}>
      {places.map(({ label, path }, index) =>
        index === places.length - 1 ? (
          <span key={path} className={styles.here}>
            <Visible text={label} limit={40} />
          </span>
        ) : (
          <span key={path} className={styles.path}>
            <a className={styles.crumb} href={formatRoute({ screen: "storage", name, tab: "files", at: path })}>
              <Visible text={label} limit={30} />
            </a>
            <ChevronRight aria-hidden />
          </span>
        ),
      )}
    </span>
  );
}

const signs = {
  folder: Folder,
  backup: ArchiveRestore,
  archive: ArchiveRestore,
  manifest: FileText,
  globals: FileText,
  record: FileText,
  pin: Pin,
  unfinished: File,
  other: File,
} as const;

function EntryRow({ storage, entry }: { readonly storage: string; readonly entry: StorageEntry }) {
  const { name, kind, path, archive, sizeBytes, modifiedAt, isArchived } = entry;
  const Sign = signs[kind];
  const label = <Visible text={name} limit={64} />;
  const to =
    kind === "folder"
      ? formatRoute({ screen: "storage", name: storage, tab: "files", at: path })
      : archive === null
        ? null
        : formatRoute({ screen: "archive", path: archive });
  return (
    <tr>
      <td>
        <span className={styles.entry}>
          <Sign aria-hidden />
          {to === null ? label : <a href={to}>{label}</a>}
        </span>
      </td>
      <td className={styles.why}>
        {texts.kinds[kind]}
        {isArchived ? ` · ${texts.thawFirst}` : ""}
      </td>
      <td className={styles.number}>{sizeBytes === null ? null : <Bytes bytes={sizeBytes} />}</td>
      <td className={styles.number} title={modifiedAt === null ? undefined : formatTime(modifiedAt)}>
        {modifiedAt === null ? null : <RelativeTime iso={modifiedAt} />}
      </td>
    </tr>
  );
}
