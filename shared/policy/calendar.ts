/** The day, ISO week, month and year that a moment falls in, in one time zone. */
export interface CalendarPlace {
  /** `2026-11-15` */
  readonly day: string;
  /** `2026-W47`: ISO 8601, from Monday on; its year is that of its Thursday. */
  readonly week: string;
  /** `2026-11` */
  readonly month: string;
  /** `2026` */
  readonly year: string;
}

export type Calendar = (timeMs: number) => CalendarPlace;

const dayMs = 86_400_000;

/**
 * Places moments in a time zone's own calendar, so that a day is what people there call one: 23 or 25 hours where the clock
 * changes, and an hour that comes twice belongs to its day both times.
 * @param timeZone an IANA name, `Europe/Berlin`; throws RangeError for one that is not known
 */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (timeMs) => {
    // en-US: 11/15/2026
    const [month = "", date = "", year = ""] = format.format(timeMs).split("/");
    return {
      day: `${year}-${month}-${date}`,
      week: isoWeek(Number(year), Number(month), Number(date)),
      month: `${year}-${month}`,
      year,
    };
  };
}

function isoWeek(year: number, month: number, date: number): string {
  const dayUtc = Date.UTC(year, month - 1, date);
  const weekday = (new Date(dayUtc).getUTCDay() + 6) % 7;
  const thursday = new Date(dayUtc + (3 - weekday) * dayMs);
  const weekYear = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / (7 * dayMs)) + 1;
  return `${weekYear}-W${String(week).padStart(2, "0")}`;
}
