import { classNames } from "../../components/class-names.ts";
import visuallyHidden from "../../components/visually-hidden.module.css";
import type { CalendarDay } from "./backups-model.ts";
import styles from "./calendar-strip.module.css";
import { formatDay, formatShortDay } from "./dates.ts";
import { texts } from "./texts.ts";

export interface CalendarStripProps {
  readonly weeks: readonly (readonly CalendarDay[])[];
  readonly chosen: string | null;
  /** null: all days again. */
  onChoose(day: string | null): void;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Days with and without a backup: a strip to see, a table to those who listen. Days with backups can be chosen. */
export function CalendarStrip({ weeks, chosen, onChoose }: CalendarStripProps) {
  const days = weeks.flat().filter(({ isFuture }) => !isFuture);
  const withBackup = days.filter(({ count }) => count > 0).length;
  return (
    <section className={styles.calendar} aria-label={texts.calendar}>
      <div className={styles.head}>
        <h2>{texts.calendar}</h2>
        <span>{texts.calendarText(withBackup, days.length)}</span>
      </div>
      <table className={styles.table}>
        <caption className={visuallyHidden.hidden}>{texts.calendarTable}</caption>
        <thead className={visuallyHidden.hidden}>
          <tr>
            <th scope="col">{texts.weekColumn}</th>
            {weekdays.map((weekday) => (
              <th key={weekday} scope="col">
                {weekday}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={styles.weeks}>
          {weeks.map((week) => (
            <tr key={week[0]?.day} className={styles.week}>
              <th scope="row" className={styles.weekLabel}>
                {formatShortDay(week[0]?.day ?? "")}
              </th>
              {week.map((day) => (
                <td key={day.day} className={styles.cell}>
                  <Day {...day} isChosen={day.day === chosen} onChoose={onChoose} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Day({
  day,
  count,
  isFuture,
  isChosen,
  onChoose,
}: CalendarDay & { readonly isChosen: boolean; onChoose(day: string | null): void }) {
  if (isFuture) return <span className={classNames(styles.day, styles.future)} />;
  const label = texts.dayLabel(formatDay(day), count);
  if (count === 0)
    return (
      <span className={classNames(styles.day, styles.none)} title={label}>
        <span className={visuallyHidden.hidden}>{texts.noBackup}</span>
      </span>
    );
  return (
    <button
      type="button"
      className={classNames(styles.day, count > 1 ? styles.several : styles.one, isChosen && styles.chosen)}
      title={label}
      aria-label={label}
      aria-pressed={isChosen}
      onClick={() => onChoose(isChosen ? null : day)}
    />
  );
}
