import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { gpgInstallHint } from "./install-hint.ts";
import { baseEnvironment } from "./tool-environment.ts";

/** gpg as it is run: where it lies, and all that it is told of the environment. */
export interface GpgProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where packages and installers put it besides PATH, which a program with a window may have without them. */
const wellKnown: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["/opt/homebrew/bin", "/usr/local/bin", "/usr/local/MacGPG2/bin"],
  win32: ["C:/Program Files (x86)/GnuPG/bin", "C:/Program Files/GnuPG/bin"],
};

/** Which keyring, and where its agent listens. */
const passed = ["GNUPGHOME", "XDG_RUNTIME_DIR", "LOCALAPPDATA", "USERPROFILE"];

/** The user's gpg. Throws tool.missing with this system's command that installs it. */
export async function locateGpg(env: NodeJS.ProcessEnv): Promise<GpgProgram> {
  const folders = [...(env["PATH"] ?? "").split(delimiter), ...(wellKnown[process.platform] ?? [])];
  const names = process.platform === "win32" ? ["gpg.exe"] : ["gpg", "gpg2"];
  for (const folder of folders.filter((each) => isAbsolute(each)))
    for (const name of names) {
      const path = join(folder, name);
      // oxlint-disable-next-line no-await-in-loop -- the first one counts
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return { path, env: environmentOf(env) };
    }
  throw new AppError("tool.missing", "gpg (GnuPG) was not found.", { hint: gpgInstallHint() });
}

function environmentOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const chosen: Record<string, string> = { ...baseEnvironment(env) };
  for (const name of passed) {
    const value = env[name];
    if (value !== undefined && value !== "") chosen[name] = value;
  }
  return chosen;
}
