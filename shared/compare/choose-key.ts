import { formatName } from "../command/names.ts";
import { AppError } from "../error/app-error.ts";
import type { ComparedColumn } from "./match-columns.ts";
import type { ArchivedKey } from "./table-definition.ts";

/** A key of the live table: a unique index over columns alone and over all rows. */
export interface LiveKey {
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  /** None of its columns can be NULL. */
  readonly isNotNull: boolean;
}

/** By what rows of the two sides find each other. */
export interface ChosenKey {
  /** Places among the compared columns; empty: whole rows are counted. */
  readonly places: readonly number[];
  /** One sentence for people. */
  readonly reason: string;
  /** False where only one side promises that it is unique, so that it has to be seen. */
  readonly isUniqueOnBoth: boolean;
}

/**
 * The key to compare by: what was asked for, else the live table's primary key, the archive's, a unique one without NULLs;
 * else none.
 * @param asked columns by their archived or live names; null: nothing was asked for
 * @throws compare.keyInvalid
 */
export function chooseKey(
  compared: readonly ComparedColumn[],
  live: readonly LiveKey[],
  archived: readonly ArchivedKey[],
  asked: readonly string[] | null,
): ChosenKey {
  const liveKeys = live.flatMap((key) => placed(key, compared, (column) => column.live.name));
  const archivedKeys = archived.flatMap((key) => placed(key, compared, (column) => column.archived));
  const known = (places: readonly number[]) => ({
    isLive: liveKeys.some((key) => isSame(key.places, places)),
    isArchived: archivedKeys.some((key) => isSame(key.places, places)),
  });
  const chosen = (places: readonly number[], what: string): ChosenKey => {
    const { isLive, isArchived } = known(places);
    const names = places.map((place) => formatName(null, compared[place]?.live.name ?? "")).join(", ");
    return { places, reason: `${what} (${names})`, isUniqueOnBoth: isLive && isArchived };
  };
  if (asked !== null) {
    const places = askedPlaces(asked, compared);
    const { isLive, isArchived } = known(places);
    if (isLive || isArchived) return chosen(places, "the chosen key");
    throw new AppError("compare.keyInvalid", `${asked.join(", ")}: neither side has a unique key over exactly that.`, {
      hint: suggest(liveKeys.map(({ places: at }) => at.map((place) => compared[place]?.live.name ?? ""))),
    });
  }
  const primary = liveKeys.find(({ key }) => key.isPrimary);
  if (primary !== undefined) return chosen(primary.places, "the primary key");
  const former = archivedKeys.find(({ key }) => key.isPrimary);
  if (former !== undefined) return chosen(former.places, "the archive's primary key");
  const unique = liveKeys.find(({ key }) => key.isNotNull);
  if (unique !== undefined) return chosen(unique.places, "a unique key");
  return { places: [], reason: "no key: whole rows are counted", isUniqueOnBoth: true };
}

interface PlacedKey<Key> {
  readonly key: Key;
  readonly places: readonly number[];
}

/** A key all of whose columns are compared. */
function placed<Key extends { readonly columns: readonly string[] }>(
  key: Key,
  compared: readonly ComparedColumn[],
  nameOf: (column: ComparedColumn) => string,
): PlacedKey<Key>[] {
  const places = key.columns.map((name) => compared.findIndex((column) => nameOf(column) === name));
  return places.length > 0 && places.every((place) => place >= 0) ? [{ key, places }] : [];
}

function askedPlaces(asked: readonly string[], compared: readonly ComparedColumn[]): number[] {
  return asked.map((name) => {
    const live = compared.findIndex((column) => column.live.name === name);
    const place = live >= 0 ? live : compared.findIndex((column) => column.archived === name);
    if (place >= 0) return place;
    throw new AppError("compare.keyInvalid", `There is no column ${name} on both sides.`);
  });
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((place) => other.includes(place));
}

function suggest(keys: readonly (readonly string[])[]): string | undefined {
  if (keys.length === 0) return "Leave --key out to compare whole rows.";
  return `Unique are: ${keys.map((columns) => columns.join(",")).join("; ")}`;
}
