import { Lock, Pin, ShieldBan, Snowflake, Unlink } from "lucide-react";
import { Fragment, useState } from "react";
import type { BackupView } from "../../../shared/contract/views.ts";
import type { Verdict } from "../../../shared/policy/verdicts.ts";
import { formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import type { MenuItem } from "../../components/menu.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Visible } from "../../components/visible.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./backup-group.module.css";
import { BackupMenu } from "./backup-menu.tsx";
import { type DatabaseGroup, limitGroup } from "./backups-model.ts";
import { addDays, dayOf, formatClock, formatDay, formatMoment, formatShortDay } from "./dates.ts";
import { texts } from "./texts.ts";
import { VerdictBadge } from "./verdict-badge.tsx";

const SHOWN = 10;

export interface BackupGroupProps {
  readonly group: DatabaseGroup;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** What else can be done with a backup where it lies. */
  readonly menuFor?: ((backup: BackupView) => readonly MenuItem[]) | undefined;
  readonly isPinned?: ((backup: BackupView) => boolean) | undefined;
  /** Until when nobody can delete it there; null: until that is lifted, undefined: it is not locked. */
  readonly lockedUntil?: ((backup: BackupView) => string | null | undefined) | undefined;
}

/** A database's backups, day by day. */
export function BackupGroup({ group, verdicts, menuFor, isPinned, lockedUntil }: BackupGroupProps) {
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
              <Fragment key={backup.path}>
                <tr>
                  {index === 0 ? (
                    <th
                      scope="rowgroup"
                      rowSpan={backups.length + backups.filter(isAfterGap).length}
                      className={styles.day}
                    >
                      {nameOfDay(day)}
                    </th>
                  ) : null}
                  <BackupCells
                    backup={backup}
                    verdict={verdicts.get(backup.path) ?? null}
                    isPinned={isPinned?.(backup) ?? false}
                    lockedUntil={lockedUntil?.(backup)}
                    further={menuFor?.(backup) ?? []}
                  />
                </tr>
                {backup.missingBefore === undefined ? null : <GapRow missing={backup.missingBefore} />}
              </Fragment>
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

function isAfterGap({ missingBefore }: BackupView): boolean {
  return missingBefore !== undefined;
}

/** Where the missing backup would stand: the newest is at the top, so what was before is below. */
function GapRow({ missing: { id, madeAt } }: { readonly missing: NonNullable<BackupView["missingBefore"]> }) {
  return (
    <tr className={styles.gap}>
      <td colSpan={5} title={visibleText(id)}>
        <Unlink aria-hidden />
        {texts.gap(madeAt === null ? visibleText(id) : formatMoment(madeAt))} <span>{texts.gapText}</span>
      </td>
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- nothing stands in a column that a narrow window lacks */}
      <td className={styles.format} />
    </tr>
  );
}

interface BackupCellsProps {
  readonly backup: BackupView;
  readonly verdict: Verdict | null;
  readonly isPinned: boolean;
  readonly lockedUntil: string | null | undefined;
  readonly further: readonly MenuItem[];
}

function BackupCells({ backup, verdict, isPinned, lockedUntil, further }: BackupCellsProps) {
  const isReadable = backup.format !== "plain";
  const clock = formatClock(backup.startedAt);
  const to = { screen: "archive", path: backup.path } as const;
  return (
    <>
      <td className={styles.time} title={formatTime(backup.startedAt)}>
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
        {isPinned ? <Badge icon={<Pin aria-hidden />}>{texts.pinned}</Badge> : null}
        {lockedUntil === undefined ? null : (
          <span title={lockedUntil === null ? undefined : formatTime(lockedUntil)}>
            <Badge icon={<ShieldBan aria-hidden />}>
              {texts.locked(lockedUntil === null ? null : formatShortDay(dayOf(new Date(lockedUntil))))}
            </Badge>
          </span>
        )}
        {backup.isArchived === true ? <Badge icon={<Snowflake aria-hidden />}>{texts.archiveClass}</Badge> : null}
        {backup.recipients.length === 0 ? null : <Badge icon={<Lock aria-hidden />}>{texts.encrypted}</Badge>}
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
          further={further}
        />
      </td>
    </>
  );
}

function nameOfDay(day: string): string {
  const today = dayOf(new Date());
  if (day === today) return texts.today;
  return day === addDays(today, -1) ? texts.yesterday : formatDay(day);
}
