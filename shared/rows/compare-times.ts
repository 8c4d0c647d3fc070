/** A date or a time as PostgreSQL writes it in ISO style, taken apart. */
export interface TimeValue {
  /** Seconds of the clock since 1970, as it stands there; infinite for `infinity`. */
  readonly clock: number;
  readonly microseconds: number;
  /** Seconds that the clock is ahead of UTC; null where the text does not say. */
  readonly offset: number | null;
}

const form =
  /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)? ?(?:(Z)|([+-]\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/;

/** Null for a text that is neither a date nor a time: `2026-11-28`, `2026-11-28 14:03:00.5+02`, `0044-03-15 BC`, `-infinity`. */
export function parseTime(text: string): TimeValue | null {
  if (text === "infinity" || text === "-infinity")
    return { clock: text === "infinity" ? Infinity : -Infinity, microseconds: 0, offset: null };
  const match = form.exec(text);
  if (match === null) return null;
  const [, year, month, day, hours = "0", minutes = "0", seconds = "0", fraction = "", zulu] = match;
  const [zoneHours, zoneMinutes = "0", zoneSeconds = "0", era] = match.slice(9);
  const days = daysSince1970(era === undefined ? Number(year) : 1 - Number(year), Number(month), Number(day));
  if (days === null) return null;
  const clock = days * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  let offset: number | null = zulu === undefined ? null : 0;
  if (zoneHours !== undefined) {
    const size = Math.abs(Number(zoneHours)) * 3600 + Number(zoneMinutes) * 60 + Number(zoneSeconds);
    offset = zoneHours.startsWith("-") ? -size : size;
  }
  return { clock, microseconds: Number(fraction.padEnd(6, "0")), offset };
}

/**
 * Below, at or above zero. Where both say how far they are from UTC they are compared as instants, else by the clock as it
 * stands there.
 */
export function compareTimes(one: TimeValue, other: TimeValue): number {
  const areInstants = one.offset !== null && other.offset !== null;
  const first = areInstants ? one.clock - (one.offset ?? 0) : one.clock;
  const second = areInstants ? other.clock - (other.offset ?? 0) : other.clock;
  if (first !== second) return first < second ? -1 : 1;
  return one.microseconds - other.microseconds;
}

/** Days of the proleptic Gregorian calendar, of any year that PostgreSQL has; null for a day that there is not. */
function daysSince1970(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  // Years begin in March here, so that a leap day is the last of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
