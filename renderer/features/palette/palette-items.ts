import type { BackupView, ConnectionChoice, ProfileView, Settings } from "../../../shared/contract/views.ts";
import { formatBytes, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import type { Route } from "../shell/route.ts";
import { type Match, matchText } from "./match.ts";
import { texts } from "./texts.ts";

export type PaletteAction =
  | { readonly kind: "go"; readonly route: Route }
  | { readonly kind: "backUp"; readonly connection: ConnectionChoice; readonly name: string }
  | { readonly kind: "theme"; readonly theme: Settings["theme"] }
  | { readonly kind: "openFile" };

export type PaletteGroupName = keyof typeof texts.groups;

export interface PaletteItem {
  /** Stable, so that what was chosen lately is known again. */
  readonly id: string;
  readonly group: PaletteGroupName;
  readonly label: string;
  /** Tells two of the same label apart; searched too. */
  readonly note: string;
  readonly action: PaletteAction;
  /** Letters of the label that answered the search. */
  readonly positions: readonly number[];
}

/** A type, not an interface: only types fit the list component's index signature. */
export type PaletteGroup = {
  readonly name: PaletteGroupName;
  readonly items: readonly PaletteItem[];
};

/** What the palette can offer. */
export interface PaletteSources {
  readonly profiles: readonly ProfileView[];
  readonly backups: readonly BackupView[];
}

const mostShown = 40;
const backupsShownUnasked = 5;

/** Everything that can be gone to or done, in the order in which it is offered unasked. */
export function buildItems({ profiles, backups }: PaletteSources): PaletteItem[] {
  const go = (id: string, label: string, route: Route): PaletteItem =>
    item(`go:${id}`, "screens", label, "", { kind: "go", route });
  return [
    go("home", texts.home, { screen: "home" }),
    go("backups", texts.backups, { screen: "backups" }),
    go("activity", texts.activity, { screen: "activity" }),
    go("settings", texts.settings, { screen: "settings" }),
    item("open-file", "actions", texts.openFile, "", { kind: "openFile" }),
    item("add", "actions", texts.addDatabase, "", { kind: "go", route: { screen: "database", name: null } }),
    item("find", "actions", texts.firstRun, "", { kind: "go", route: { screen: "first-run" } }),
    ...profiles.flatMap((profile) => {
      const connection: ConnectionChoice = { kind: "profile", name: profile.name };
      const where = profile.hosts.map(({ host }) => host).join(", ");
      return [
        item(`back-up:${profile.name}`, "databases", texts.backUp(profile.name), where, {
          kind: "backUp",
          connection,
          name: profile.name,
        }),
        item(`open:${profile.name}`, "databases", texts.openDatabase(profile.name), where, {
          kind: "go",
          route: { screen: "database", name: profile.name },
        }),
      ];
    }),
    item("back-up-sample", "actions", texts.backUpSample, "", {
      kind: "backUp",
      connection: { kind: "sample" },
      name: "sample",
    }),
    ...backups.map((backup) =>
      item(
        `look:${backup.path}`,
        "backups",
        texts.lookInside(backup.profile ?? backup.database),
        `${formatTime(backup.startedAt)} · ${noteOf(backup)}`,
        { kind: "go", route: { screen: "archive", path: backup.path } },
      ),
    ),
    ...(["system", "light", "dark"] as const).map((theme) =>
      item(`theme:${theme}`, "settings", texts.theme(texts.themes[theme]), "", { kind: "theme", theme }),
    ),
  ];
}

/**
 * What is shown for a query, best first; groups stand in the order of their best item. Without a query: what was chosen
 * lately, then everything but the older backups.
 * @param recent ids, the latest first
 */
export function findItems(items: readonly PaletteItem[], query: string, recent: readonly string[]): PaletteGroup[] {
  if (query.trim() === "") return offerUnasked(items, recent);
  const found = items
    .map((each) => ({ each, match: matchItem(query, each) }))
    .filter((pair): pair is { each: PaletteItem; match: Match } => pair.match !== null)
    .toSorted((a, b) => b.match.score - a.match.score)
    .slice(0, mostShown)
    .map(({ each, match }) => ({ ...each, positions: match.positions }));
  return group(found);
}

function offerUnasked(items: readonly PaletteItem[], recent: readonly string[]): PaletteGroup[] {
  const lately = recent.flatMap((id) => items.filter((each) => each.id === id));
  const rest = items.filter(({ id }) => !recent.includes(id));
  const newest = rest.filter((each) => each.group === "backups").slice(0, backupsShownUnasked);
  const shown = rest.filter((each) => each.group !== "backups" || newest.includes(each));
  return [...(lately.length === 0 ? [] : [{ name: "recent" as const, items: lately }]), ...group(shown)];
}

function matchItem(query: string, { label, note }: PaletteItem): Match | null {
  const match = matchText(query, `${label} ${note}`);
  return match === null ? null : { ...match, positions: match.positions.filter((position) => position < label.length) };
}

function group(items: readonly PaletteItem[]): PaletteGroup[] {
  const names = [...new Set(items.map((each) => each.group))];
  return names.map((name) => ({ name, items: items.filter((each) => each.group === name) }));
}

function noteOf({ tables, sizeBytes }: BackupView): string {
  return tables === null
    ? formatBytes(sizeBytes)
    : texts.tables(formatNumberOf(tables, "table"), formatBytes(sizeBytes));
}

function item(
  id: string,
  groupName: PaletteGroupName,
  label: string,
  note: string,
  action: PaletteAction,
): PaletteItem {
  return { id, group: groupName, label, note, action, positions: [] };
}
