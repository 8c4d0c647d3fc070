import { X } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { BackupListing, BackupView, RecentArchive } from "../../../shared/contract/views.ts";
import type { Verdict } from "../../../shared/policy/verdicts.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { useNow } from "../../components/relative-time.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { Select } from "../../components/select.tsx";
import { Visible } from "../../components/visible.tsx";
import { BackupGroup, type BackupGroupProps } from "./backup-group.tsx";
import {
  type BackupFilter,
  calendarWeeks,
  filterBackups,
  groupBackups,
  isFiltered,
  noFilter,
  type SizeRange,
} from "./backups-model.ts";
import styles from "./backups-screen.module.css";
import { CalendarStrip } from "./calendar-strip.tsx";
import { dayOf, formatDay } from "./dates.ts";
import { RecentList } from "./recent-list.tsx";
import { texts } from "./texts.ts";

export interface ListingViewProps extends Pick<BackupGroupProps, "menuFor" | "isPinned" | "lockedUntil"> {
  readonly listing: BackupListing;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Instead of the calendar and the groups, where there are no backups. */
  readonly empty: ReactNode;
  /** Opened lately elsewhere: below the groups, by the same filter. */
  readonly recents?: readonly RecentArchive[];
  /** Below all of it. */
  readonly children?: ReactNode;
}

/** The backups of one place: damaged ones first, the calendar, filters, a group for each database, what was cut. */
export function ListingView(props: ListingViewProps) {
  const { listing, verdicts, empty, recents, menuFor, isPinned, lockedUntil, children } = props;
  const [filter, setFilter] = useState<BackupFilter>(noFilter);
  const { backups } = listing;
  const shown = useMemo(() => filterBackups(backups, filter), [backups, filter]);
  const groups = useMemo(() => groupBackups(shown), [shown]);
  const today = dayOf(new Date(useNow(60_000)));
  const weeks = useMemo(
    () => calendarWeeks(filterBackups(backups, { ...filter, day: null }), today),
    [backups, filter, today],
  );
  const change = (part: Partial<BackupFilter>) => setFilter((last) => ({ ...last, ...part }));

  return (
    <>
      <Damaged damaged={listing.damaged} />
      {backups.length === 0 ? (
        empty
      ) : (
        <>
          <CalendarStrip weeks={weeks} chosen={filter.day} onChoose={(day) => change({ day })} />
          <Filters backups={backups} filter={filter} onChange={change} onClear={() => setFilter(noFilter)} />
          {groups.length === 0 ? (
            <p className={styles.none}>
              {texts.noneFound} <Button onClick={() => setFilter(noFilter)}>{texts.clearFilters}</Button>
            </p>
          ) : null}
          {groups.map((group) => (
            <BackupGroup
              key={group.database}
              group={group}
              verdicts={verdicts}
              menuFor={menuFor}
              isPinned={isPinned}
              lockedUntil={lockedUntil}
            />
          ))}
        </>
      )}
      {recents === undefined ? null : <RecentList archives={filterRecents(recents, filter)} verdicts={verdicts} />}
      {children}
      <Unfinished unfinished={listing.unfinished} />
    </>
  );
}

/** Text and size are all that is known of a file elsewhere. */
function filterRecents(archives: readonly RecentArchive[], filter: BackupFilter): readonly RecentArchive[] {
  const words = filter.text.trim().toLowerCase();
  if (filter.day !== null || filter.format !== null || filter.size !== null) return [];
  return archives.filter(
    ({ path, database }) =>
      (words === "" || path.toLowerCase().includes(words) || (database ?? "").toLowerCase().includes(words)) &&
      (filter.database === null || database === filter.database),
  );
}

interface FiltersProps {
  readonly backups: readonly BackupView[];
  readonly filter: BackupFilter;
  onChange(part: Partial<BackupFilter>): void;
  onClear(): void;
}

const ALL = "";

function Filters({ backups, filter, onChange, onClear }: FiltersProps) {
  const databases = useMemo(() => [...new Set(backups.map(({ database }) => database))].toSorted(), [backups]);
  const formats = useMemo(() => [...new Set(backups.map(({ format }) => format))].toSorted(), [backups]);
  const sizes: readonly SizeRange[] = ["small", "middle", "large"];
  return (
    <fieldset className={styles.filters} aria-label={texts.filters}>
      <SearchField
        slash
        label={texts.filter}
        value={filter.text}
        onChange={(text) => onChange({ text })}
        className={styles.search}
      />
      <Select
        hideLabel
        size="small"
        label={texts.database}
        // A database may have any name; its place in the list is a safe value.
        value={filter.database === null ? ALL : String(databases.indexOf(filter.database))}
        options={[
          { value: ALL, label: texts.allDatabases },
          ...databases.map((database, index) => ({
            value: String(index),
            label: visibleText(database) || texts.unnamed,
          })),
        ]}
        onChange={(index) => onChange({ database: index === ALL ? null : (databases[Number(index)] ?? null) })}
      />
      <Select
        hideLabel
        size="small"
        label={texts.format}
        value={filter.format ?? ALL}
        options={[
          { value: ALL, label: texts.allFormats },
          ...formats.map((format) => ({ value: format, label: texts.formats[format] })),
        ]}
        onChange={(format) => onChange({ format: format === ALL ? null : format })}
      />
      <Select
        hideLabel
        size="small"
        label={texts.size}
        value={filter.size ?? ALL}
        options={[
          { value: ALL, label: texts.allSizes },
          ...sizes.map((size) => ({ value: size, label: texts.sizes[size] })),
        ]}
        onChange={(size) => onChange({ size: size === ALL ? null : size })}
      />
      {filter.day === null ? null : (
        <Button size="small" icon={<X aria-hidden />} onClick={() => onChange({ day: null })}>
          {texts.onlyDay(formatDay(filter.day))}
        </Button>
      )}
      {isFiltered(filter) ? (
        <Button size="small" variant="quiet" onClick={onClear}>
          {texts.clearFilters}
        </Button>
      ) : null}
    </fieldset>
  );
}

/** Files that were damaged, each with what is wrong. */
function Damaged({ damaged }: Pick<BackupListing, "damaged">) {
  if (damaged.length === 0) return null;
  return (
    <section className={styles.damaged} aria-label={texts.damagedTitle(damaged.length)}>
      <h2>{texts.damagedTitle(damaged.length)}</h2>
      <p>{texts.damagedText}</p>
      {damaged.slice(0, 50).map(({ path, error }) => (
        <div key={path} className={styles.trouble}>
          {error.message.includes(path) ? null : <Visible text={path} limit={100} className={styles.path} />}
          <ErrorPanel error={error} isNew={false} />
        </div>
      ))}
    </section>
  );
}

/** What backups left behind that did not come to their end. */
function Unfinished({ unfinished }: Pick<BackupListing, "unfinished">) {
  if (unfinished.length === 0) return null;
  return (
    <section className={styles.unfinished} aria-label={texts.unfinishedTitle(unfinished.length)}>
      <h2>{texts.unfinishedTitle(unfinished.length)}</h2>
      <p>{texts.unfinishedText}</p>
      <ul>
        {unfinished.slice(0, 50).map((path) => (
          <li key={path}>
            <Visible text={path} limit={110} className={styles.path} />
          </li>
        ))}
      </ul>
    </section>
  );
}
