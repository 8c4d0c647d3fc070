import { type ComponentType, lazy } from "react";
import { ActivityScreen } from "../activity/activity-screen.tsx";
import { FirstRunScreen } from "../first-run/first-run-screen.tsx";
import { HomeScreen } from "../home/home-screen.tsx";
import type { Route } from "./route.ts";

/** The screen of each place. Home and what is seen first come with the bundle, the others when they are asked for. */
export const screens: { readonly [S in Route["screen"]]: ComponentType } = {
  home: HomeScreen,
  "first-run": FirstRunScreen,
  activity: ActivityScreen,
  backups: lazy(async () => ({ default: (await import("../backups/backups-screen.tsx")).BackupsScreen })),
  archive: lazy(async () => ({ default: (await import("../archive/archive-screen.tsx")).ArchiveScreen })),
  restore: lazy(async () => ({ default: (await import("../restore/restore-screen.tsx")).RestoreScreen })),
  database: lazy(async () => ({ default: (await import("../database/database-screen.tsx")).DatabaseScreen })),
  settings: lazy(async () => ({ default: (await import("../settings/settings-screen.tsx")).SettingsScreen })),
};
