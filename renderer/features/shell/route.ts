/** Every place of the window. A route is its address: what is not in it is lost by Back and by a reload. */
export type Route =
  | { readonly screen: "home" }
  /** `jobId`: the first backup, once it runs. */
  | { readonly screen: "first-run"; readonly jobId?: string | undefined }
  /** `path`: another folder than the default one. */
  | { readonly screen: "backups"; readonly path?: string | undefined }
  /** `dumpId`: the object that is chosen. */
  | { readonly screen: "archive"; readonly path: string; readonly dumpId?: number | undefined }
  /** A table of an archive against the live one or another archive; `dumpId` of its rows, `with` as OtherSide names it. */
  | { readonly screen: "compare"; readonly path: string; readonly dumpId: number; readonly with?: string | undefined }
  /** The definitions in an archive against another side, as above. */
  | { readonly screen: "diff"; readonly path: string; readonly with?: string | undefined }
  /** `path`: the archive the plan was made from, for the way back. */
  | { readonly screen: "restore"; readonly planId: string; readonly path?: string | undefined }
  | { readonly screen: "activity"; readonly jobId?: string | undefined }
  /** A profile by its name; null is one to be made. */
  | { readonly screen: "database"; readonly name: string | null }
  /** A saved storage by its name; null is one to be added. `at`: the folder of it that is looked at. */
  | {
      readonly screen: "storage";
      readonly name: string | null;
      readonly tab?: StorageTab | undefined;
      readonly at?: string | undefined;
    }
  | { readonly screen: "keys" }
  /** Backups that another machine made: its storage, its key. */
  | { readonly screen: "new-machine" }
  | { readonly screen: "settings" };

export const storageTabs = ["backups", "files", "usage", "retention", "settings"] as const;
export type StorageTab = (typeof storageTabs)[number];

/** `#/archive?path=%2Fhome%2F…&dumpId=12` */
export function formatRoute(route: Route): string {
  const { screen, ...parameters } = route;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return `#/${screen === "home" ? "" : screen}${text === "" ? "" : `?${text}`}`;
}

/** The place an address names; Home where it names none. */
export function parseRoute(hash: string): Route {
  const [screen = "", search = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const path = query.get("path") ?? undefined;
  switch (screen) {
    case "first-run":
      return { screen, jobId: query.get("jobId") ?? undefined };
    case "settings":
    case "keys":
    case "new-machine":
      return { screen };
    case "storage":
      return {
        screen,
        name: query.get("name"),
        tab: storageTabs.find((tab) => tab === query.get("tab")),
        at: query.get("at") ?? undefined,
      };
    case "backups":
      return { screen, path };
    case "archive":
      return path === undefined ? { screen: "backups" } : { screen, path, dumpId: wholeNumber(query.get("dumpId")) };
    case "compare": {
      const dumpId = wholeNumber(query.get("dumpId"));
      return path === undefined || dumpId === undefined
        ? { screen: "backups" }
        : { screen, path, dumpId, with: query.get("with") ?? undefined };
    }
    case "diff":
      return path === undefined ? { screen: "backups" } : { screen, path, with: query.get("with") ?? undefined };
    case "restore": {
      const planId = query.get("planId");
      return planId === null ? { screen: "backups" } : { screen, planId, path };
    }
    case "activity":
      return { screen, jobId: query.get("jobId") ?? undefined };
    case "database":
      return { screen, name: query.get("name") };
    default:
      return { screen: "home" };
  }
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
