import type { DumpId, TocEntry } from "./toc-entry.ts";

/**
 * The text of a list for `pg_restore -L`: one line an entry, in the order given, which is the order pg_restore works in.
 * Real line (pg_restore 15.18 -l): `222; 1259 16511 TABLE public orders shop_app`. pg_restore reads the number and takes
 * what follows the first `;` for a comment (SortTocFromFile in pg_backup_archiver.c), so the kind behind it is for people;
 * names are left out, because a line end in one would begin a line.
 */
export function writeUseList(ids: readonly DumpId[], entries: ReadonlyMap<DumpId, TocEntry>): string {
  return ids.map((id) => `${id}; ${(entries.get(id)?.desc ?? "").replaceAll(/[^A-Z -]/g, "")}\n`).join("");
}

/** The dump ids of a listing, in its order: what `pg_restore -l` prints, or a use-list. Comment lines begin with `;`. */
export function parseListedIds(listing: string): DumpId[] {
  const ids: DumpId[] = [];
  for (const line of listing.split("\n")) {
    const match = /^(\d+);/.exec(line);
    if (match) ids.push(Number(match[1]));
  }
  return ids;
}
