import {
  type ChosenTool,
  chooseForArchive,
  chooseForServer,
  isNoTool,
  type NoTool,
} from "../../shared/command/choose-client.ts";
import { describeGate, openGates } from "../../shared/command/minor-gates.ts";
import { parseServerVersionNum } from "../../shared/command/postgres-version.ts";
import type { ToolInstallation, ToolName } from "../../shared/command/tool-installation.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { installHint } from "./install-hint.ts";

export type { ChosenTool } from "../../shared/command/choose-client.ts";

/**
 * The installed program that fits a server, and why.
 * @throws tool.missing, tool.tooOld with the install command of this system; tool.unsafe for a psql that an SQL file
 * can make run programs
 */
export function chooseDumpTool(
  installations: readonly ToolInstallation[],
  name: "pg_dump" | "pg_dumpall" | "psql",
  serverVersionNum: number,
): ChosenTool {
  const server = parseServerVersionNum(serverVersionNum);
  const choice = chooseForServer(installations, name, server);
  if (isNoTool(choice)) throw noTool(name, choice, `the server is PostgreSQL ${server.major}`);
  const blocked = openGates(name, choice.version).find(({ level }) => level === "block");
  if (blocked) throw new AppError("tool.unsafe", describeGate(blocked, name, choice.version));
  return choice;
}

/**
 * The installed pg_restore that fits an archive and, for a restore, the server it goes into.
 * @param archiveVersion as in the archive's header: `1.14`
 * @param targetVersionNum null where the archive is only read
 * @param options.ownBackup true for a backup that has its manifest: no word then on what a hostile archive could do
 * @throws tool.missing, tool.tooOld with the install command of this system
 */
export function chooseRestoreTool(
  installations: readonly ToolInstallation[],
  archiveVersion: string,
  targetVersionNum: number | null,
  options: { readonly ownBackup?: boolean } = {},
): ChosenTool {
  const target = targetVersionNum === null ? null : parseServerVersionNum(targetVersionNum);
  const choice = chooseForArchive(installations, archiveVersion, target, options.ownBackup ?? false);
  if (isNoTool(choice)) throw noTool("pg_restore", choice, `the archive's version is ${archiveVersion}`);
  return choice;
}

function noTool(name: ToolName, { needsMajor, newest }: NoTool, why: string): AppError {
  if (needsMajor === null)
    return new AppError("archive.unsupportedVersion", `No PostgreSQL that this Lifeboat knows reads it: ${why}.`);
  if (newest === null)
    return new AppError("tool.missing", `${name} is not installed here.`, { hint: installHint(needsMajor) });
  return new AppError(
    "tool.tooOld",
    `The newest ${name} here is ${newest.text}, and ${why}: ${needsMajor} or newer is needed.`,
    { hint: installHint(needsMajor) },
  );
}
