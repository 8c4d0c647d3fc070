import { type Command, Option } from "commander";
import { formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { type ThawOptions, thawTiers } from "../../storage/storage.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addOutputOptions, wholeNumber } from "../options.ts";

interface Options {
  readonly days: number;
  readonly tier: ThawOptions["tier"];
  readonly look?: boolean;
}

/** `lifeboat thaw`: has a backup in an archive class made readable, and says how far that is. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "Ask the storage to make a backup readable that lies in an archive class (Glacier and the like), with all that belongs to it. The storage does that in minutes to two days and charges for it; run it again to see how far it is, or to keep the copy for longer. Exit code 4: it cannot be read yet.",
    )
    .argument("<archive>", "s3://bucket/key, or a backup's id")
    .option("--days <n>", "how long it is to stay readable", wholeNumber(1, 3650), 7)
    .addOption(new Option("--tier <how>", "how fast, and how dear").choices(thawTiers).default("Standard"))
    .option("--look", "only look how far it is")
    .addHelpText(
      "after",
      "\nExample:\n  lifeboat thaw s3://vault/db/shop/shop_20261121T020000Z.dump --days 3 --tier Bulk",
    )
    .action((archive: string, options: Options) => thaw(archive, options, cli));
}

async function thaw(argument: string, { days, tier, look = false }: Options, cli: Cli): Promise<ExitCode> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { thawBackup } = await import("../../storage/thaw-backup.ts");
  const archive = await resolveArchive(argument, cli.home);
  const state = await thawBackup(archive, cli, look ? null : { days, tier }, cli.signal);
  cli.out.document({ archive, ...state });
  const { files, frozen, ongoing, readyUntil } = state;
  if (ongoing > 0)
    cli.out.line(`Being thawed: ${ongoing} of ${formatNumberOf(files, "file")}. Look again in a while, with --look.`);
  if (frozen > 0)
    cli.out.line(`In an archive class, and not asked for: ${frozen} of ${formatNumberOf(files, "file")}.`);
  if (frozen + ongoing > 0) return 4;
  cli.out.line(readyUntil === null ? "It can be read as it is." : `It can be read until ${formatTime(readyUntil)}.`);
  return 0;
}
