import { type ComponentType, lazy } from "react";
import { HomeScreen } from "../home/home-screen.tsx";
import type { Route } from "./route.ts";

const load = {
  firstRun: () => import("../first-run/first-run-screen.tsx"),
  activity: () => import("../activity/activity-screen.tsx"),
  backups: () => import("../backups/backups-screen.tsx"),
  archive: () => import("../archive/archive-screen.tsx"),
  restore: () => import("../restore/restore-screen.tsx"),
  database: () => import("../database/database-screen.tsx"),
  settings: () => import("../settings/settings-screen.tsx"),
} as const;

/** The screen of each place. Home comes with the bundle, the others when they are asked for. */
export const screens: { readonly [S in Route["screen"]]: ComponentType } = {
  home: HomeScreen,
  "first-run": lazy(async () => ({ default: (await load.firstRun()).FirstRunScreen })),
  activity: lazy(async () => ({ default: (await load.activity()).ActivityScreen })),
  backups: lazy(async () => ({ default: (await load.backups()).BackupsScreen })),
  archive: lazy(async () => ({ default: (await load.archive()).ArchiveScreen })),
  restore: lazy(async () => ({ default: (await load.restore()).RestoreScreen })),
  database: lazy(async () => ({ default: (await load.database()).DatabaseScreen })),
  settings: lazy(async () => ({ default: (await load.settings()).SettingsScreen })),
};

/** Fetches what is likely to be next, so that going there is immediate. A screen that fails says so when it is gone to. */
export function warmScreens(): void {
  void Promise.allSettled([load.firstRun(), load.activity(), load.backups(), load.archive()]);
}
