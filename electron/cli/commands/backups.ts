import type { Command } from "commander";
import type { LastProof } from "../../../shared/contract/backup-proof.ts";
import type { ManifestStanding } from "../../../shared/contract/manifest-standing.ts";
import type { ChainGap } from "../../../shared/policy/backup-chain.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { noProofs } from "../../storage/backup-proofs.ts";
import { checkOf, lastProofOf } from "../../storage/listed-proofs.ts";
import type { Hold } from "../../storage/storage.ts";
import type { SummarizedBackup } from "../../storage/stored-summaries.ts";
import type { Cli } from "../cli.ts";
import { listLocation } from "../list-location.ts";
import { addOutputOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { addPinCommands } from "../pin-commands.ts";
import type { Cell } from "../table.ts";

/** `lifeboat backups`: what is in a folder, newest first; `backups pin` and `unpin`. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("List the backups in a folder: the default one, or the one named; in a bucket, or on an SFTP server.")
    .option("--in <location>", "a folder, s3://bucket/prefix, sftp://user@host/folder, or a saved storage's name")
    .option("--database <name>", "only this database's")
    .addHelpText(
      "after",
      "\nChecked: the last verification of each, on whatever machine it ran. --json has all of them.\n" +
        "A gap is a backup that was here when the next one was made and is gone, though no Lifeboat deleted it; in --json it is missingBefore.\n" +
        "\nExample:\n  lifeboat backups --in /backups --database shop",
    )
    .action((options: { in?: string; database?: string }) => listAll(options, cli));
  addPinCommands(command, cli);
}

async function listAll(options: { in?: string; database?: string }, cli: Cli): Promise<void> {
  const { out } = cli;
  const location = options.in ?? cli.home.backupsFolder;
  const isWanted = ({ database }: { readonly database: string }) =>
    options.database === undefined || database === options.database;
  const listing = await listLocation(location, cli);
  const backups = listing.backups.filter(({ summary }) => isWanted(summary));
  const isAnyChecked = backups.some(({ manifestPath }) => lastProofOf(listing.checks.get(manifestPath)) !== null);
  const isAnyLocked = backups.some(({ manifestPath }) => listing.holds.has(manifestPath));
  if (listing.whole !== null)
    out.document(
      listing.whole
        .filter(({ manifest }) => isWanted(manifest))
        .map(({ manifest, manifestPath, archivePath, archive, standing }) => {
          const { proofs, refused } = listing.checks.get(manifestPath) ?? noProofs;
          const checks = proofs.map(checkOf);
          const hold = listing.holds.get(manifestPath);
          const lockedUntil = hold === undefined ? null : { mode: hold.mode, until: hold.until };
          const gap = listing.gaps.find(({ followedById }) => followedById === manifest.id);
          const missingBefore = gap === undefined ? null : { id: gap.missingId, madeAt: gap.missingMadeAt };
          return {
            path: archivePath,
            archive,
            standing,
            checks,
            refusedChecks: refused,
            lockedUntil,
            missingBefore,
            ...manifest,
          };
        }),
    );
  if (backups.length === 0) out.line(`There are no backups in ${visibleText(location)} yet.`);
  else
    out.table(
      [
        { title: "ID" },
        { title: "Database" },
        { title: "Made" },
        { title: "Size", align: "right" },
        { title: "Tables", align: "right" },
        { title: "Rows", align: "right" },
        { title: "Format" },
        ...(isAnyChecked ? [{ title: "Checked" }] : []),
        ...(isAnyLocked ? [{ title: "Locked until" }] : []),
        { title: "" },
      ],
      backups.map((backup) => {
        const { manifestPath } = backup;
        const last = isAnyChecked ? [describeCheck(lastProofOf(listing.checks.get(manifestPath)))] : [];
        return describeRow(backup, [...last, ...(isAnyLocked ? [describeHold(listing.holds.get(manifestPath))] : [])]);
      }),
    );
  for (const { error } of listing.unreadable) out.note(`${visibleText(error.message)} ${error.hint ?? ""}`);
  noteAll(
    listing.gaps.filter(isWanted).map(describeGap),
    "gap",
    "where a backup was here when the next one was made, and no clean-up of Lifeboat deleted it",
    out,
  );
  const refused = backups.flatMap(({ manifestPath }) => listing.checks.get(manifestPath)?.refused ?? []);
  noteAll(
    refused.map(({ path, why }) => `${path}: ${why}`),
    "check",
    "beside a backup and counting for nothing",
    out,
  );
  noteAll(listing.unfinished, "unfinished file", "left by a backup that was cut or is still running", out);
  noteAll(listing.withoutManifest, "archive", "without a manifest: readable, but nothing says what it should be", out);
}

function noteAll(paths: readonly string[], what: string, why: string, out: Output): void {
  if (paths.length === 0) return;
  out.note(`${formatNumberOf(paths.length, what)}, ${why}:`);
  for (const path of paths) out.note(`  ${visibleText(path)}`);
}

const archiveSigns = { present: "", missing: "the file is gone", otherSize: "the file was changed" } as const;

/** What is not encrypted cannot prove its writer, and nothing is expected of it. */
const standings: Readonly<Record<ManifestStanding, string>> = {
  proved: "proved",
  unproved: "not proved",
  unchecked: "",
  changed: "its manifest was changed",
};

function describeCheck(last: LastProof | null): Cell {
  if (last === null) return { text: "never", style: "dim" };
  const { at, level, outcome } = last;
  if (outcome === "bad") return { text: `${formatTime(at)}, damaged`, style: "bad" };
  return `${formatTime(at)}, ${outcome === "partly" ? "in part" : level}`;
}

function describeGap({ missingId, missingMadeAt, followedById }: ChainGap): string {
  const made = missingMadeAt === null ? "" : `, of ${formatTime(missingMadeAt)}`;
  return `${followedById}: the backup before this one is missing: ${missingId}${made}`;
}

function describeHold(hold: Hold | undefined): Cell {
  if (hold === undefined) return "";
  return hold.until === null ? "a legal hold is lifted" : formatTime(hold.until);
}

function describeRow({ summary, archive, standing }: SummarizedBackup, more: readonly Cell[]): Cell[] {
  const isBad = archive !== "present" || standing === "changed";
  const words = standing === "changed" || summary.isEncrypted ? standings[standing] : "";
  return [
    summary.id,
    summary.database,
    formatTime(summary.startedAt),
    formatBytes(summary.sizeBytes),
    String(summary.tables),
    summary.rows === null ? "" : formatCount(summary.rows),
    `${summary.format}, ${summary.compression}`,
    ...more,
    { text: [archiveSigns[archive], words].filter((text) => text !== "").join(", "), style: isBad ? "bad" : "dim" },
  ];
}
