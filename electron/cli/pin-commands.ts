import type { Command } from "commander";
import { AppError } from "../../shared/error/app-error.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { Cli } from "./cli.ts";
import { addOutputOptions } from "./options.ts";

/** `lifeboat backups pin` and `unpin`: whether pruning may take a backup. */
export function addPinCommands(command: Command, cli: Cli): void {
  for (const verb of ["pin", "unpin"] as const)
    addOutputOptions(command.command(verb))
      .summary(verb === "pin" ? "keep a backup from every pruning" : "let pruning decide about a backup again")
      .description(
        verb === "pin"
          ? "Marks a backup to stay, with a small file beside it in its storage: it holds for every machine."
          : "Removes the mark that made a backup stay.",
      )
      .argument("<id>", "the backup's id, or a unique beginning of it")
      .option(
        "--in <location>",
        "where it is: a folder, s3://bucket/prefix, sftp://user@host/folder, or a saved storage's name",
      )
      .action((id: string, _options: unknown, invoked: Command) =>
        setPin(id, verb, invoked.optsWithGlobals<{ in?: string }>().in ?? cli.home.backupsFolder, cli),
      );
}

/** @throws backup.notFound, backup.ambiguous, storage.* */
async function setPin(idStart: string, verb: "pin" | "unpin", location: string, cli: Cli): Promise<void> {
  const { openStorage } = await import("../storage/open-storage.ts");
  const { findRetained } = await import("../retention/retained-backups.ts");
  const { pinBackup, unpinBackup } = await import("../retention/pins.ts");
  const storage = await openStorage(location, cli);
  try {
    const found = await findRetained(storage, idStart, cli.signal);
    const [first, second] = found;
    if (first === undefined)
      throw new AppError("backup.notFound", `There is no backup with the id ${idStart} in ${storage.address}.`);
    if (second !== undefined)
      throw new AppError("backup.ambiguous", `Several backups have an id that begins with ${idStart}.`);
    const { manifest, manifestFile } = first;
    await (verb === "pin" ? pinBackup : unpinBackup)(storage, manifestFile.path);
    cli.out.document({ id: manifest.id, path: manifestFile.path, pinned: verb === "pin" });
    const words = verb === "pin" ? "is pinned: no pruning takes it" : "is not pinned any more";
    cli.out.line(`${manifest.id} of ${visibleText(manifest.database)} ${words}.`);
  } finally {
    await storage.close();
  }
}
