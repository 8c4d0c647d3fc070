import { resolve } from "node:path";
import type { Command } from "commander";
import { formatName } from "../../../shared/command/names.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { severalDatabases } from "../../archives/cluster-archive.ts";
import { surveyArchive, writeSalvage } from "../../archives/salvage.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addDatabaseOption, addIdentityOption, addOutputOptions, openChosenArchive } from "../options.ts";

interface SalvageOptions {
  readonly to: string;
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat salvage`: what is whole of a damaged archive. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addIdentityOption(addOutputOptions(command)))
    .description("Read all of a damaged archive, say what is whole, and write that as an archive of its own.")
    .argument("<archive>", "a file, a folder, a backup's id, or s3://bucket/key")
    .requiredOption("--to <file>", "the new archive, a custom one; it must not exist")
    .addHelpText(
      "after",
      "\nAll definitions are kept, and the data of every table that can be read to its end.\n" +
        "Ends with exit code 3 where something is lost.\n" +
        "\nExample:\n  lifeboat salvage cut.dump --to whole.dump\n  lifeboat restore whole.dump --into shop",
    )
    .action((argument: string, options: SalvageOptions) => salvage(argument, options, cli));
}

async function salvage(argument: string, options: SalvageOptions, cli: Cli): Promise<ExitCode> {
  const { archive } = await openChosenArchive(argument, options, cli);
  const { out } = cli;
  try {
    if (archive.databases.length > 0) throw severalDatabases(archive.databases);
    const survey = await surveyArchive(archive, cli.signal);
    const path = resolve(options.to);
    const sizeBytes = await writeSalvage(archive, survey, path, cli.signal);
    const lost = survey.filter(({ broken }) => broken !== null);
    const { damage } = archive;
    out.document({
      archive: archive.path,
      salvaged: path,
      sizeBytes,
      damage: damage === null ? null : { code: damage.code, message: damage.message, detail: damage.detail ?? null },
      data: survey,
    });
    out.line(
      `${visibleText(path)}, ${formatBytes(sizeBytes)}: ${survey.length - lost.length} of ${formatNumberOf(survey.length, "table", "tables")} whole.`,
    );
    if (damage !== null) out.line(visibleText(`${damage.message} ${damage.detail ?? ""}`));
    for (const { desc, namespace, tag, rows, broken } of lost) {
      const seen = rows === null ? "" : ` after ${formatNumberOf(rows, "row", "rows")}`;
      out.line(
        visibleText(`lost: ${desc} ${formatName(namespace, tag)}${seen}. ${broken?.detail ?? broken?.message ?? ""}`),
      );
    }
    return lost.length === 0 && damage === null ? 0 : 3;
  } finally {
    await archive.close();
  }
}
