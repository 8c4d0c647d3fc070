import { type ComponentType, lazy } from "react";
import { ActivityScreen } from "../activity/activity-screen.tsx";
import { FirstRunScreen } from "../first-run/first-run-screen.tsx";
import { HomeScreen } from "../home/home-screen.tsx";
import type { Route } from "./route.ts";

type Screens = { readonly [S in Route["screen"]]: ComponentType };

const modules = import.meta.glob<Record<string, ComponentType>>("../*/*-screen.tsx");

function late(path: string, name: string): ComponentType {
  return lazy(async () => {
    const module = await modules[path]?.();
    return { default: module?.[name] ?? (() => null) };
  });
}

/** The screen of each place. Home and what is seen first come with the bundle, the others when they are asked for. */
export const screens: Screens = {
  home: HomeScreen,
  "first-run": FirstRunScreen,
  activity: ActivityScreen,
  backups: late("../backups/backups-screen.tsx", "BackupsScreen"),
  archive: late("../archive/archive-screen.tsx", "ArchiveScreen"),
  restore: late("../restore/restore-screen.tsx", "RestoreScreen"),
  database: late("../database/database-screen.tsx", "DatabaseScreen"),
  settings: late("../settings/settings-screen.tsx", "SettingsScreen"),
};
