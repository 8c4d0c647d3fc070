import { resolve } from "node:path";
import type { Command } from "commander";
import type { DumpId } from "../../../shared/archive/toc-entry.ts";
import { formatName } from "../../../shared/command/names.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Archive } from "../../archives/archive.ts";
import { severalDatabases } from "../../archives/cluster-archive.ts";
import { type SurveyedData, surveyArchive, writeSalvage } from "../../archives/salvage.ts";
import type { Stretch } from "../../storage/hold-to.ts";
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
        "Where bytes are not those of the manifest, the tables are named that may hold wrong values.\n" +
        "Ends with exit code 3 where something is lost or in doubt.\n" +
        "\nExample:\n  lifeboat salvage cut.dump --to whole.dump\n  lifeboat restore whole.dump --into shop",
    )
    .action((argument: string, options: SalvageOptions) => salvage(argument, options, cli));
}

async function salvage(argument: string, options: SalvageOptions, cli: Cli): Promise<ExitCode> {
  const changes: ChangedPart[] = [];
  const { archive } = await openChosenArchive(argument, options, cli, (difference, where) =>
    changes.push({ message: difference.message, detail: difference.detail ?? null, where }),
  );
  const { out } = cli;
  try {
    if (archive.databases.length > 0) throw severalDatabases(archive.databases);
    const survey = await surveyArchive(archive, cli.signal);
    const path = resolve(options.to);
    const sizeBytes = await writeSalvage(archive, survey, path, cli.signal);
    const lost = survey.filter(({ broken }) => broken !== null);
    const { damage } = archive;
    const doubtful = await findDoubtful(archive, survey, changes);
    out.document({
      archive: archive.path,
      salvaged: path,
      sizeBytes,
      damage: damage === null ? null : { code: damage.code, message: damage.message, detail: damage.detail ?? null },
      changed: changes.map(({ message, detail }) => ({ message, detail })),
      data: survey.map((data) => ({ ...data, mayBeChanged: doubtful.has(data.dumpId) })),
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
    for (const { message, detail } of changes) out.line(visibleText(`changed: ${message} ${detail ?? ""}`));
    for (const { dumpId, desc, namespace, tag } of survey)
      if (doubtful.has(dumpId))
        out.line(
          visibleText(`may hold wrong values: ${desc} ${formatName(namespace, tag)}. It is written as it was read.`),
        );
    return lost.length === 0 && damage === null && changes.length === 0 ? 0 : 3;
  } finally {
    await archive.close();
  }
}

/** Bytes that are not those of the manifest. */
interface ChangedPart {
  readonly message: string;
  readonly detail: string | null;
  readonly where: Stretch | null;
}

/** Which data could be read and lies, for all that is known, where bytes were changed. */
async function findDoubtful(
  archive: Archive,
  survey: readonly SurveyedData[],
  changes: readonly ChangedPart[],
): Promise<ReadonlySet<DumpId>> {
  const doubtful = new Set<DumpId>();
  // Where bytes of the file are those of the archive; elsewhere decryption, a checksum or the file's name tells.
  if (archive.isEncrypted || archive.header.format !== "custom") return doubtful;
  for (const { dumpId, broken } of survey) {
    if (broken !== null) continue;
    // oxlint-disable-next-line no-await-in-loop -- known by now
    const { offset, length } = await archive.dataRange(dumpId);
    const isTouched = ({ where }: ChangedPart) =>
      where === null || (where.start < offset + length && offset < where.end);
    if (changes.some(isTouched)) doubtful.add(dumpId);
  }
  return doubtful;
}
