import type { Command } from "commander";
import { formatBytes } from "../../../shared/text/format.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";

/** `lifeboat cache`, `lifeboat cache clear`: what is kept here of archives in storages. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "What is kept on this machine's disk of archives in buckets and on SFTP servers, so that it is not fetched twice. It is bounded, private to this user, and stored as it is there: what is encrypted stays encrypted.",
    )
    .addHelpText("after", "\nExamples:\n  lifeboat cache\n  lifeboat cache clear")
    .action(async () => {
      const { mostCacheBytes, sizeOfCache } = await import("../../archives/block-cache.ts");
      const size = await sizeOfCache(cli.home);
      cli.out.document({ ...size, mostBytes: mostCacheBytes });
      cli.out.line(`${formatBytes(size.bytes)} of at most ${formatBytes(mostCacheBytes)}.`);
    });
  addOutputOptions(command.command("clear"))
    .summary("empty it")
    .description("Empties it. What is needed again is fetched again.")
    .action(async () => {
      const { clearCache } = await import("../../archives/block-cache.ts");
      const size = await clearCache(cli.home);
      cli.out.document(size);
      cli.out.line(`Emptied: ${formatBytes(size.bytes)}.`);
    });
}
