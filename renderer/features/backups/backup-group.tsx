import { Copy, Ellipsis, FolderSearch, RotateCcw, ShieldCheck } from "lucide-react";
import { useState } from "react";
import type { BackupView } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { Menu, type MenuItem } from "../../components/menu.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { useHello } from "../../stores/hello.ts";
import { archiveStoreOf } from "../archive/archive-store.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./backup-group.module.css";
import { type DatabaseGroup, limitGroup } from "./backups-model.ts";
import { addDays, dayOf, formatClock, formatDay } from "./dates.ts";
import { startVerify } from "./start-verify.ts";
import { texts } from "./texts.ts";
import type { Verdict } from "./verdict.ts";
import { VerdictBadge } from "./verdict-badge.tsx";

const SHOWN = 10;

export interface BackupGroupProps {
  readonly group: DatabaseGroup;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** A database's backups, day by day. */
export function BackupGroup({ group, verdicts }: BackupGroupProps) {
  const [isWhole, setIsWhole] = useState(false);
  const days = isWhole ? group.days : limitGroup(group, SHOWN);
  const hidden = isWhole ? 0 : Math.max(0, group.count - SHOWN);
  const name = group.database === "" ? texts.unnamed : group.database;
  return (
    <Card
      flush
      title={<Visible text={name} limit={60} />}
      actions={
        <span>
          {formatNumberOf(group.count, "backup")} · <Bytes bytes={group.sizeBytes} />
        </span>
      }
    >
      <table className={styles.table} aria-label={visibleText(name)}>
        {days.map(({ day, backups }) => (
          <tbody key={day}>
            {backups.map((backup, index) => (
              <tr key={backup.path}>
                {index === 0 ? (
                  <th scope="rowgroup" rowSpan={backups.length} className={styles.day}>
                    {nameOfDay(day)}
                  </th>
                ) : null}
                <BackupCells backup={backup} verdict={verdicts.get(backup.path) ?? null} />
              </tr>
            ))}
          </tbody>
        ))}
      </table>
      {hidden === 0 ? null : (
        <div className={styles.more}>
          <Button size="small" variant="quiet" onClick={() => setIsWhole(true)}>
            {texts.more(hidden)}
          </Button>
        </div>
      )}
    </Card>
  );
}

function BackupCells({ backup, verdict }: { readonly backup: BackupView; readonly verdict: Verdict | null }) {
  const isReadable = backup.format !== "plain";
  const clock = formatClock(backup.startedAt);
  const to = { screen: "archive", path: backup.path } as const;
  return (
    <>
      <td className={styles.time}>
        {isReadable ? <a href={formatRoute(to)}>{clock}</a> : clock}
        <RelativeTime iso={backup.startedAt} className={styles.ago} />
      </td>
      <td className={styles.number}>
        <Bytes bytes={backup.sizeBytes} />
      </td>
      <td className={styles.wide}>{backup.tables === null ? "" : texts.rows(backup.tables, backup.rows)}</td>
      <td className={styles.format}>
        {texts.formats[backup.format]}
        {backup.compression === "none" ? "" : ` · ${backup.compression}`}
      </td>
      <td className={styles.badges}>
        <VerdictBadge verdict={verdict} backup={backup} isShort />
        {backup.warnings === 0 ? null : <Badge tone="warn">{texts.tookWarnings(backup.warnings)}</Badge>}
        {backup.hasGlobals ? <Badge>{texts.globals}</Badge> : null}
      </td>
      <td className={styles.actions}>
        {isReadable ? (
          <Button size="small" onClick={() => navigate(to)}>
            {texts.lookInside}
          </Button>
        ) : null}
        <BackupMenu
          path={backup.path}
          name={`${visibleText(backup.database)}, ${clock}`}
          isReadable={isReadable}
          hasManifest={backup.id !== null}
        />
      </td>
    </>
  );
}

export interface BackupMenuProps {
  readonly path: string;
  /** Which backup it is, for those who listen. */
  readonly name: string;
  /** false: plain SQL. */
  readonly isReadable: boolean;
  readonly hasManifest: boolean;
  readonly further?: readonly MenuItem[];
}

/** What else can be done with a backup. */
export function BackupMenu({ path, name, isReadable, hasManifest, further = [] }: BackupMenuProps) {
  const client = useClient();
  const canReveal = useHello(({ value }) => value?.capabilities.revealInFolder ?? false);

  const items: (MenuItem | "separator")[] = [
    ...(isReadable
      ? [
          {
            label: texts.restore,
            icon: <RotateCcw aria-hidden />,
            run() {
              archiveStoreOf(client).openWhole(path);
              navigate({ screen: "archive", path });
            },
          },
        ]
      : []),
    { label: texts.verifyRead, icon: <ShieldCheck aria-hidden />, run: () => startVerify(client, path, "read") },
    ...(hasManifest
      ? [
          {
            label: texts.verifyChecksum,
            icon: <ShieldCheck aria-hidden />,
            run: () => startVerify(client, path, "checksum"),
          },
        ]
      : []),
    "separator",
    ...(canReveal
      ? [
          {
            label: texts.reveal,
            icon: <FolderSearch aria-hidden />,
            run: () =>
              void client
                .invoke("shell.reveal", { path })
                .catch((thrown: unknown) => notifyError(toErrorValue(thrown))),
          },
        ]
      : []),
    {
      label: texts.copyPath,
      icon: <Copy aria-hidden />,
      run: () => void navigator.clipboard.writeText(path).then(() => notify({ tone: "good", title: texts.pathCopied })),
    },
    ...further,
  ];
  return (
    <Menu
      trigger={
        <IconButton label={texts.moreActions(name)}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
      items={items}
    />
  );
}

function nameOfDay(day: string): string {
  const today = dayOf(new Date());
  if (day === today) return texts.today;
  return day === addDays(today, -1) ? texts.yesterday : formatDay(day);
}
