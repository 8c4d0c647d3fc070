import { useMemo } from "react";
import { formatCount } from "../../../shared/text/format.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import { useStoredBackups } from "../../stores/storages.ts";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";
import { formatMonth, usageByDatabase, usageByMonth } from "./usage-model.ts";

/** What the backups in a storage take: by the month they were made, and by database. */
export function UsageTab({ name }: { readonly name: string }) {
  const { value, error, reload } = useStoredBackups(name);
  const backups = value?.backups ?? null;
  const months = useMemo(() => usageByMonth(backups ?? []), [backups]);
  const databases = useMemo(() => usageByDatabase(backups ?? []), [backups]);
  if (error !== null) return <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />;
  if (backups === null) return <Skeleton label={texts.listing} lines={[80, 60, 40]} />;
  if (backups.length === 0)
    return (
      <Card>
        <EmptyState title={texts.emptyTitle}>{texts.empty}</EmptyState>
      </Card>
    );
  const total = databases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <>
      <Card flush title={texts.usageTitle} actions={texts.usageTotal(total, backups.length)}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.usageMonth}</th>
              <th scope="col" className={styles.barCell} aria-hidden />
              <th scope="col" className={styles.number}>
                {texts.usageKept}
              </th>
              <th scope="col" className={styles.number}>
                {texts.usageCount}
              </th>
            </tr>
          </thead>
          <tbody>
            {months.map(({ month, sizeBytes, count }) => (
              <tr key={month}>
                <th scope="row">{formatMonth(month)}</th>
                <Bar part={sizeBytes} of={Math.max(...months.map((each) => each.sizeBytes))} />
                <td className={styles.number}>
                  <Bytes bytes={sizeBytes} />
                </td>
                <td className={styles.number}>{formatCount(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <Card flush title={texts.usageDatabases}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.usageDatabase}</th>
              <th scope="col" className={styles.barCell} aria-hidden />
              <th scope="col" className={styles.number}>
                {texts.usageKept}
              </th>
              <th scope="col" className={styles.number}>
                {texts.usageCount}
              </th>
              <th scope="col" className={styles.number}>
                {texts.usageOldest}
              </th>
              <th scope="col" className={styles.number}>
                {texts.usageNewest}
              </th>
            </tr>
          </thead>
          <tbody>
            {databases.map(({ database, sizeBytes, count, oldest, newest }) => (
              <tr key={database}>
                <th scope="row">
                  <Visible text={database} limit={40} />
                </th>
                <Bar part={sizeBytes} of={total} />
                <td className={styles.number}>
                  <Bytes bytes={sizeBytes} />
                </td>
                <td className={styles.number}>{formatCount(count)}</td>
                <td className={styles.number}>
                  <RelativeTime iso={oldest} />
                </td>
                <td className={styles.number}>
                  <RelativeTime iso={newest} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </>
  );
}

/** The number beside it says the same. */
function Bar({ part, of }: { readonly part: number; readonly of: number }) {
  return (
    <td className={styles.barCell} aria-hidden>
      {part === 0 ? null : <span className={styles.bar} style={{ width: `${(part / Math.max(1, of)) * 100}%` }} />}
    </td>
  );
}
