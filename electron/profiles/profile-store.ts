import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionProfile } from "../../shared/profile/profile.ts";
import type { Home } from "../home.ts";
import { writeFileDurably } from "../storage/durable-file.ts";
import { withFileLock } from "./file-lock.ts";
import { isProfileName, profilesFile, whyNotStorable } from "./profile-schema.ts";

/** The saved connections, by name. Several processes may read and write at once. */
export interface ProfileStore {
  /** All profiles, by name. @throws AppError `profile.invalid` when the file is damaged */
  list(): Promise<ConnectionProfile[]>;
  /** @throws AppError `profile.notFound`, `profile.invalid` */
  get(name: string): Promise<ConnectionProfile>;
  /** @throws AppError `profile.exists`, `profile.invalid` */
  add(profile: ConnectionProfile): Promise<void>;
  /** Puts a profile in the place of the one of this name. @throws AppError `profile.notFound`, `profile.exists`, `profile.invalid` */
  replace(name: string, profile: ConnectionProfile): Promise<void>;
  /** Gives what was removed. @throws AppError `profile.notFound`, `profile.invalid` */
  remove(name: string): Promise<ConnectionProfile>;
}

/** The store over profiles.json. A damaged file is reported and left as it is; it is never written over. */
export function openProfileStore(home: Home): ProfileStore {
  const path = home.profilesFile;
  const change = (edit: (profiles: ConnectionProfile[]) => ConnectionProfile[]): Promise<void> =>
    withFileLock(`${path}.lock`, async () => {
      const profiles = edit(await loadProfiles(path)).toSorted((a, b) => a.name.localeCompare(b.name));
      await writeFileDurably(path, `${JSON.stringify({ version: 1, profiles }, null, 2)}\n`);
    });
  return {
    list: () => loadProfiles(path),
    async get(name) {
      return find(await loadProfiles(path), name);
    },
    async add(profile) {
      refuseUnstorable(profile);
      await change((profiles) => withNew(profiles, profile));
    },
    async replace(name, profile) {
      refuseUnstorable(profile);
      await change((profiles) => {
        const old = find(profiles, name);
        return withNew(
          profiles.filter((each) => each !== old),
          profile,
        );
      });
    },
    async remove(name) {
      let removed: ConnectionProfile | undefined;
      await change((profiles) => {
        removed = find(profiles, name);
        return profiles.filter((profile) => profile !== removed);
      });
      return removed ?? find([], name);
    },
  };
}

function withNew(profiles: readonly ConnectionProfile[], profile: ConnectionProfile): ConnectionProfile[] {
  if (profiles.some(({ name }) => name === profile.name)) {
    throw new AppError("profile.exists", `There is a profile ${profile.name} already.`);
  }
  return [...profiles, profile];
}

/** One bad profile would make the whole file unreadable. */
function refuseUnstorable(profile: ConnectionProfile): void {
  if (!isProfileName(profile.name)) {
    throw new AppError("profile.invalid", "This cannot be a profile's name.", {
      hint: "Use letters, digits, dots, dashes and underscores, at most 64, beginning with a letter or digit.",
    });
  }
  const reason = whyNotStorable(profile);
  if (reason !== null)
    throw new AppError("profile.invalid", "The profile has a field that is missing or wrong.", { detail: reason });
}

function find(profiles: readonly ConnectionProfile[], name: string): ConnectionProfile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new AppError("profile.notFound", `There is no profile ${name}.`);
  return profile;
}

async function loadProfiles(path: string): Promise<ConnectionProfile[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new AppError("profile.invalid", `The file with the profiles cannot be read: ${path}`, {
      detail: error instanceof Error ? error.message : undefined,
      cause: error,
    });
  }
  try {
    return profilesFile.parse(JSON.parse(text)).profiles;
  } catch (error) {
    throw new AppError("profile.invalid", `The file with the profiles is damaged: ${path}`, {
      detail: error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : undefined,
      hint: "It is kept as it is. Mend it, or move it away and add the profiles again; passwords in the keychain stay.",
      cause: error,
    });
  }
}
