const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `2026-11-21` of a time, in this machine's zone. */
export function dayOf(time: Date): string {
  return [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
}

/** `Sat 21 Nov 2026` of a day. */
export function formatDay(day: string): string {
  const time = noonOf(day);
  return `${weekdays[time.getDay()]} ${time.getDate()} ${months[time.getMonth()]} ${time.getFullYear()}`;
}

/** `21 Nov`. */
export function formatShortDay(day: string): string {
  const time = noonOf(day);
  return `${time.getDate()} ${months[time.getMonth()]}`;
}

/** `Sat 21 Nov 2026, 02:00`; of a time without a zone, as it stands there. */
export function formatMoment(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${formatDay(dayOf(time))}, ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** `02:00` */
export function formatClock(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The day so many days later. Noon is in every day, whatever summer time does. */
export function addDays(day: string, days: number): string {
  const time = noonOf(day);
  time.setDate(time.getDate() + days);
  return dayOf(time);
}

/** Monday of a day's week. */
export function mondayOf(day: string): string {
  return addDays(day, -((noonOf(day).getDay() + 6) % 7));
}

function noonOf(day: string): Date {
  return new Date(`${day}T12:00:00`);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
