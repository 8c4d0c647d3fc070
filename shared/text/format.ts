/** Numbers and times as people read them. English, no locale tables: the same text on every machine. */

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `532 B`, `1.2 kB`, `45 MB`, `2.7 GB`: decimal units (1 kB = 1000 B), three digits at most. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be written as "1000", so it already belongs to the next unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.5 ? String(Math.round(value)) : trimZero(value.toFixed(value < 9.995 ? 1 : 0));
  return `${text} ${byteUnits[unit]}`;
}

/** `1,234,567` */
export function formatCount(count: number): string {
  const [whole = "0", fraction] = String(count).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `850 ms`, `4.2 s`, `38 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: the two largest units, no false precision. */
export function formatDuration(elapsedMs: number): string {
  const ms = Math.max(0, Math.round(elapsedMs));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 9950) return `${trimZero((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, "h", "min");
  const hours = Math.round(minutes / 60);
  return pair(hours, 24, "d", "h");
}

/** `35 MB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `45 %`; rounded down, so that 100 % means all of it. 0 where the whole is 0. */
export function formatPercent(done: number, total: number): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  return `${Math.floor(share * 100)} %`;
}

/** An ISO time as `2026-11-21 02:00:05` in this machine's time zone; the text itself where it is no time. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}

/** `just now`, `3 min ago`, `5 h ago`, `2 d ago`; `in 5 min` for times to come. */
export function formatRelative(iso: string, nowMs: number): string {
  const distance = nowMs - new Date(iso).getTime();
  if (Number.isNaN(distance)) return iso;
  const size = Math.abs(distance);
  if (size < 10_000) return "just now";
  const text = oneUnit(size);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** `1 table`, `2 tables`; the plural may be given where adding s is wrong. */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function oneUnit(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

function pair(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  const head = `${Math.floor(value / base)} ${large}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}

function trimZero(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
