import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { z } from "zod";
import type { Settings } from "../../shared/contract/views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { withFileLock } from "../profiles/file-lock.ts";
import { writeFileDurably } from "../storage/durable-file.ts";

/** What a person has chosen, in settings.json. Several processes may read and write at once. */
export interface SettingsStore {
  /** As they stand on disk. @throws settings.invalid */
  get(): Promise<Settings>;
  /** Changes what is named, keeps the rest, also keys of a newer Lifeboat. @throws settings.invalid */
  set(change: Partial<Settings>): Promise<Settings>;
  /** Called after every change, by whichever process. */
  listen(listener: (settings: Settings) => void): () => void;
}

const watchEveryMs = 1000;

const settingsFile = z.looseObject({
  theme: z.enum(["system", "light", "dark"]).default("system"),
  backupsFolder: z.string().nullable().default(null),
  toolFolders: z.array(z.string()).default([]),
  notifications: z.boolean().default(true),
});

/** The store over a settings.json, which need not exist. A damaged file is reported and never written over. */
export function openSettingsStore(path: string): SettingsStore {
  const listeners = new Set<(settings: Settings) => void>();
  let told = "";

  function tell(settings: Settings): void {
    const text = JSON.stringify(settings);
    if (text === told) return;
    told = text;
    for (const listener of listeners) listener(settings);
  }

  const onFileChange = (): void => {
    // A file being mended by hand may be damaged for a moment; whoever reads it next says so.
    load(path).then(
      (file) => tell(view(file)),
      () => {},
    );
  };

  return {
    get: async () => view(await load(path)),
    async set(change) {
      refuseRelativePaths(change);
      const settings = await withFileLock(`${path}.lock`, async () => {
        const file = { ...(await load(path)), ...change };
        await writeFileDurably(path, `${JSON.stringify(file, null, 2)}\n`);
        return view(file);
      });
      tell(settings);
      return settings;
    },
    listen(listener) {
      if (listeners.size === 0) {
        told = "";
        watchFile(path, { interval: watchEveryMs, persistent: false }, onFileChange);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) unwatchFile(path, onFileChange);
      };
    },
  };
}

type SettingsFile = Settings & Record<string, unknown>;

function view({ theme, backupsFolder, toolFolders, notifications }: SettingsFile): Settings {
  return { theme, backupsFolder, toolFolders, notifications };
}

/** What depends on where the program stands is no place. */
function refuseRelativePaths({ backupsFolder, toolFolders = [] }: Partial<Settings>): void {
  const relative = [backupsFolder ?? null, ...toolFolders].find((folder) => folder !== null && !isAbsolute(folder));
  if (relative === undefined) return;
  throw new AppError("settings.invalid", `${relative} is not a whole path.`, {
    hint: "Write it from the root on, for example /home/me/backups.",
  });
}

async function load(path: string): Promise<SettingsFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return settingsFile.parse({});
    throw invalid(path, error);
  }
  try {
    return settingsFile.parse(JSON.parse(text));
  } catch (error) {
    throw invalid(path, error);
  }
}

function invalid(path: string, error: unknown): AppError {
  const detail =
    error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : undefined;
  return new AppError("settings.invalid", `${path} cannot be read.`, { detail, cause: error });
}
