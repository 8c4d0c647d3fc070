import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { sampleStatus } from "../postgres/sample/sample-server.ts";
import { findServerPrograms } from "../postgres/sample/server-programs.ts";
import { type ChosenTool, chooseDumpTool } from "../tools/choose-tool.ts";
import { installHint } from "../tools/install-hint.ts";
import { locateInstallations } from "../tools/locate-tools.ts";

/**
 * The pg_dump that fits the sample's server, with a pg_restore to go with it, before anything is started.
 * @throws tool.missing, tool.tooOld with the install command of this system; sample.unavailable without a server
 */
export async function checkTools(home: Home, env: NodeJS.ProcessEnv): Promise<ChosenTool> {
  const { version } = await sampleStatus(home);
  const major = version === null ? (await findServerPrograms(home, null)).version.major : Number.parseInt(version, 10);
  const installations = await locateInstallations(home, env);
  const dump = chooseDumpTool(installations, "pg_dump", major * 10_000);
  const canRestore = installations.some(
    ({ tools, version: found }) => tools.pg_restore !== undefined && found.major >= dump.version.major,
  );
  if (canRestore) return dump;
  throw new AppError(
    "tool.missing",
    `There is no pg_restore here that reads what pg_dump ${dump.version.text} writes.`,
    {
      hint: installHint(dump.version.major),
    },
  );
}
