import { formatName } from "../command/names.ts";

/** At most three names that are close to one that was not found, nearest first, written as SQL writes them. */
export function nearNames(
  name: string,
  known: Iterable<{ readonly namespace: string | null; readonly tag: string }>,
): string[] {
  const wanted = name.toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length / 3));
  const near: { text: string; distance: number }[] = [];
  for (const { namespace, tag } of known) {
    const other = tag.toLowerCase();
    if (Math.abs(other.length - wanted.length) > most && !other.includes(wanted)) continue;
    const distance = other.includes(wanted) ? 1 : editDistance(wanted, other);
    if (distance <= most) near.push({ text: formatName(namespace, tag), distance });
  }
  near.sort((a, b) => a.distance - b.distance);
  return [...new Set(near.map(({ text }) => text))].slice(0, 3);
}

/** Levenshtein's: letters to add, drop or change. Names have 63 bytes at most, so the plain table is quick enough. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
