import type { Command } from "commander";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Check } from "../../doctor/check.ts";
import { examine } from "../../doctor/examine.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addOutputOptions } from "../options.ts";
import type { Style } from "../style.ts";

/** `lifeboat doctor`: 0 when a backup can be made here, 1 when not. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("Look at what Lifeboat needs here: PostgreSQL's programs, folders, keychain, unfinished work.")
    .addHelpText(
      "after",
      "\nTools in other places are found through LIFEBOAT_TOOLS (a list like PATH) or toolFolders in settings.json.\n\nExample:\n  lifeboat doctor",
    )
    .action(() => diagnose(cli));
}

const marks: Record<Check["state"], { readonly word: string; readonly style: Style }> = {
  works: { word: "works", style: "good" },
  attention: { word: "look", style: "warn" },
  broken: { word: "doesn't", style: "bad" },
};

async function diagnose(cli: Cli): Promise<ExitCode> {
  const { out } = cli;
  const { backupPossible, checks, installations } = await examine(cli);
  out.document({ backupPossible, checks, installations });
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  for (const { state, subject, message, remedy } of checks) {
    const { word, style } = marks[state];
    out.line(`${out.style(style, word.padEnd(8))} ${subject.padEnd(width)}  ${visibleText(message)}`);
    if (remedy !== null) out.line(`${" ".repeat(width + 11)}${visibleText(remedy)}`);
  }
  out.line();
  out.line(
    backupPossible
      ? out.style("good", "Backups can be made here.")
      : out.style("bad", "Backups cannot be made here yet: see what is marked doesn't."),
  );
  return backupPossible ? 0 : 1;
}
