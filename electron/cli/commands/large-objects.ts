import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Archive } from "../../archives/archive.ts";
import type { ListedLargeObject } from "../../rows/large-objects.ts";
import type { Cli } from "../cli.ts";
import { addDatabaseOption, addIdentityOption, addOutputOptions, openChosenArchive } from "../options.ts";

interface LargeObjectsOptions {
  readonly save?: number;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat large-objects`: the large objects of an archive, listed with their sizes, or one of them saved. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addOutputOptions(addIdentityOption(command)))
    .description("List the large objects of an archive with their sizes, or save one to a file.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .option("--save <oid>", "save the large object of this number, instead of listing", readOid)
    .option("--output <file>", "where to; the file has its name once it is whole")
    .option("--overwrite", "replace the file of --output")
    .addHelpText("after", "\nExample:\n  lifeboat large-objects shop.dump --save 16421 --output contract.pdf")
    .action((archive: string, options: LargeObjectsOptions) => largeObjects(archive, options, cli));
}

function readOid(text: string): number {
  const oid = Number(text);
  if (/^\d{1,10}$/.test(text) && oid > 0 && oid < 2 ** 32) return oid;
  throw new InvalidArgumentError("It must be the number of a large object.");
}

async function largeObjects(argument: string, options: LargeObjectsOptions, cli: Cli): Promise<void> {
  const { save, output } = options;
  if ((save === undefined) !== (output === undefined))
    throw new AppError("usage.invalid", "--save and --output go together: which large object, and into which file.");
  const isSaved = save !== undefined;
  const { archive } = await openChosenArchive(argument, options, cli, isSaved ? "refuse" : undefined);
  try {
    if (save === undefined || output === undefined) await list(archive, cli);
    else await saveOne(archive, save, output, options.overwrite === true, cli);
  } finally {
    await archive.close();
  }
}

async function list(archive: Archive, cli: Cli): Promise<void> {
  const { listLargeObjects } = await import("../../rows/large-objects.ts");
  const found: ListedLargeObject[] = [];
  for await (const each of listLargeObjects(archive, cli.signal)) found.push(each);
  if (found.length === 0) cli.out.line("The archive has no large objects.");
  else
    cli.out.table(
      [{ title: "oid", align: "right" }, { title: "size", align: "right" }, { title: "owner" }, { title: "comment" }],
      found.map(({ oid, sizeBytes, owner, comment }) => [
        String(oid),
        formatBytes(sizeBytes),
        owner ?? "",
        comment ?? "",
      ]),
    );
  const sizeBytes = found.reduce((sum, each) => sum + each.sizeBytes, 0);
  if (found.length > 0)
    cli.out.note(`${formatNumberOf(found.length, "large object")}, ${formatBytes(sizeBytes)} together.`);
  cli.out.document({ archive: archive.path, sizeBytes, largeObjects: found });
}

async function saveOne(archive: Archive, oid: number, output: string, overwrite: boolean, cli: Cli): Promise<void> {
  const { readLargeObject } = await import("../../rows/large-objects.ts");
  const { writeExport } = await import("../../rows/write-export.ts");
  const path = resolve(output);
  const bytes = readLargeObject(archive, oid, cli.signal);
  const sizeBytes = await writeExport(bytes, { path, overwrite, onPartial: () => {} });
  cli.out.line(
    `${cli.out.style("good", "Saved")}  large object ${oid} to ${visibleText(path)} (${formatBytes(sizeBytes)})`,
  );
  cli.out.document({ oid, path, sizeBytes });
}
