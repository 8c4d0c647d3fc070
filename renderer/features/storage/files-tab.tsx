import { ArchiveRestore, ChevronRight, Download, File, FileText, Folder, FolderOpen, Pin, Upload } from "lucide-react";
import type { StorageEntry } from "../../../shared/contract/storage-views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { JobId } from "../../../shared/job/job.ts";
import { formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { usePickArchive, usePickFolder } from "../../components/pick-path.ts";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
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
    <Card flush title={<PathTo name={name} at={at} />} actions={<UploadButton name={name} at={at} />}>
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
              <th scope="col">
                <VisuallyHidden>{texts.columns.actions}</VisuallyHidden>
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

/** A file of this machine, into the folder that is looked at. */
function UploadButton({ name, at }: FilesTabProps) {
  const client = useClient();
  const pick = usePickArchive();

  async function upload(): Promise<void> {
    const file = await pick();
    if (file === null) return;
    const { jobId } = await client.invoke("storages.upload", { name, at, file });
    tellStarted(texts.uploadStarted(visibleText(file.split(/[/\\]/).at(-1) ?? file)), jobId);
  }

  return (
    <Button size="small" icon={<Upload aria-hidden />} onClick={() => void upload().catch(tellFailed)}>
      {texts.upload}
    </Button>
  );
}

function DownloadButton({ storage, entry }: { readonly storage: string; readonly entry: StorageEntry }) {
  const client = useClient();
  const pick = usePickFolder();

  async function download(): Promise<void> {
    const folder = await pick();
    if (folder === null) return;
    const { jobId } = await client.invoke("storages.download", { name: storage, path: entry.path, folder });
    tellStarted(texts.downloadStarted(visibleText(entry.name)), jobId);
  }

  return (
    <IconButton label={texts.downloadOf(visibleText(entry.name))} onClick={() => void download().catch(tellFailed)}>
      <Download aria-hidden />
    </IconButton>
  );
}

function tellStarted(title: string, jobId: JobId): void {
  notify({ tone: "info", title, action: { label: texts.show, run: () => navigate({ screen: "activity", jobId }) } });
}

function tellFailed(thrown: unknown): void {
  notifyError(toErrorValue(thrown));
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
      <td className={styles.action}>
        {kind === "folder" || kind === "unfinished" ? null : <DownloadButton storage={storage} entry={entry} />}
      </td>
    </tr>
  );
}
