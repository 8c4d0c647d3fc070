import type { BackupView, ProfileView } from "../../../shared/contract/views.ts";
import { formatCount } from "../../../shared/text/format.ts";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useBackups } from "../../stores/backups.ts";
import { formatRoute } from "../shell/router.ts";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

const mostShown = 12;

/** The newest backups of the database that a profile leads to, also those made through another profile. */
export function BackupsOfDatabase({ profile }: { readonly profile: ProfileView }) {
  const backups = useBackups(({ value }) => value?.backups ?? null)?.filter((backup) => isOf(backup, profile)) ?? null;
  return (
    <Card
      flush
      title={texts.backupsTitle}
      actions={<a href={formatRoute({ screen: "backups" })}>{texts.backupsAll}</a>}
    >
      {backups === null ? (
        <div className={styles.padded}>
          <Skeleton label={texts.loadingBackups} />
        </div>
      ) : backups.length === 0 ? (
        <EmptyState title={texts.backupsNone}>{texts.backupsNoneText}</EmptyState>
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{texts.backupColumns.made}</th>
                <th scope="col">{texts.backupColumns.how}</th>
                <th scope="col" className={styles.number}>
                  {texts.backupColumns.tables}
                </th>
                <th scope="col" className={styles.number}>
                  {texts.backupColumns.rows}
                </th>
                <th scope="col" className={styles.number}>
                  {texts.backupColumns.size}
                </th>
              </tr>
            </thead>
            <tbody>
              {backups.slice(0, mostShown).map((backup) => (
                <BackupRow key={backup.path} backup={backup} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function BackupRow({ backup }: { readonly backup: BackupView }) {
  const { path, startedAt, format, compression, tables, rows, sizeBytes, warnings } = backup;
  return (
    <tr>
      <td>
        {format === "custom" ? (
          <a href={formatRoute({ screen: "archive", path })}>
            <RelativeTime iso={startedAt} />
          </a>
        ) : (
          <RelativeTime iso={startedAt} />
        )}
      </td>
      <td>
        {format} · {compression}
        {warnings === 0 ? null : ` · ${texts.warnings(warnings)}`}
      </td>
      <td className={styles.number}>{tables === null ? texts.unknown : formatCount(tables)}</td>
      <td className={styles.number}>{rows === null ? texts.unknown : formatCount(rows)}</td>
      <td className={styles.number}>
        <Bytes bytes={sizeBytes} />
      </td>
    </tr>
  );
}

function isOf({ profile, server, database }: BackupView, { name, hosts, database: own }: ProfileView): boolean {
  if (database !== own) return false;
  return profile === name || hosts.some(({ host, port }) => host === server?.host && port === server.port);
}
