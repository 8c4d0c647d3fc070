import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { HomeScreen } from "../home/home-screen.tsx";
import type { Route } from "./route.ts";

type ScreenName = Route["screen"];

/** Screens whose code is here. Home comes with the bundle, the others when they are asked for. */
const here = new Map<ScreenName, ComponentType>([["home", HomeScreen]]);

const load: { readonly [S in Exclude<ScreenName, "home">]: () => Promise<ComponentType> } = {
  "first-run": async () => (await import("../first-run/first-run-screen.tsx")).FirstRunScreen,
  activity: async () => (await import("../activity/activity-screen.tsx")).ActivityScreen,
  backups: async () => (await import("../backups/backups-screen.tsx")).BackupsScreen,
  archive: async () => (await import("../archive/archive-screen.tsx")).ArchiveScreen,
  compare: async () => (await import("../compare/compare-screen.tsx")).CompareScreen,
  diff: async () => (await import("../compare/diff-screen.tsx")).DiffScreen,
  restore: async () => (await import("../restore/restore-screen.tsx")).RestoreScreen,
  database: async () => (await import("../database/database-screen.tsx")).DatabaseScreen,
  storage: async () => (await import("../storage/storage-screen.tsx")).StorageScreen,
  keys: async () => (await import("../keys/keys-screen.tsx")).KeysScreen,
  "new-machine": async () => (await import("../new-machine/new-machine-screen.tsx")).NewMachineScreen,
  settings: async () => (await import("../settings/settings-screen.tsx")).SettingsScreen,
};

interface ScreenOfProps {
  readonly name: ScreenName;
  /** Seen until the screen's code has come. */
  readonly fallback: ReactNode;
}

/**
 * The screen of a place, at once where its code is here. Not by React's lazy, which holds back what follows a fallback until
 * the fallback was seen for 300 ms. Code that cannot be had is an error of the boundary around it, and is asked for again
 * with the next visit.
 */
export function ScreenOf({ name, fallback }: ScreenOfProps) {
  const [outcome, setOutcome] = useState<{ readonly error: unknown } | null>(null);
  const Screen = here.get(name);

  useEffect(() => {
    let isShown = true;
    const tell = (error: unknown) => {
      if (isShown) setOutcome({ error });
    };
    fetchScreen(name).then(() => tell(null), tell);
    return () => {
      isShown = false;
    };
  }, [name]);

  // oxlint-disable-next-line react/static-components -- taken out of a map, not made here
  if (Screen !== undefined) return <Screen />;
  if (outcome !== null) throw outcome.error;
  return fallback;
}

/** Fetches what is likely to be next, so that going there is immediate; one after another, what is asked for meanwhile goes first. */
export async function warmScreens(): Promise<void> {
  for (const name of ["first-run", "backups", "archive", "activity"] as const) {
    // A screen that fails says so when it is gone to.
    // oxlint-disable-next-line no-await-in-loop -- one after another is the point
    await fetchScreen(name).catch(() => {});
  }
}

async function fetchScreen(name: ScreenName): Promise<void> {
  if (name === "home" || here.has(name)) return;
  here.set(name, await load[name]());
}
