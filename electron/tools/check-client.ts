import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { type ChosenTool, chooseDumpTool } from "./choose-tool.ts";
import { locateInstallations } from "./locate-tools.ts";

/** The pg_dump that a backup of a server would be made with, or why none fits. */
export type ClientCheck =
  | { readonly chosen: ChosenTool; readonly error: null }
  | { readonly chosen: null; readonly error: AppError };

/** @throws settings.invalid */
export async function checkClient(serverVersionNum: number, home: Home): Promise<ClientCheck> {
  const installations = await locateInstallations(home);
  try {
    return { chosen: chooseDumpTool(installations, "pg_dump", serverVersionNum), error: null };
  } catch (error) {
    if (error instanceof AppError) return { chosen: null, error };
    throw error;
  }
}
