import { Argument, type Command } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import { formatDuration } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { RunningSample, SamplePhase, SampleStatus } from "../../postgres/sample/sample-server.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";

type Action = "start" | "stop" | "reset" | "url" | "status";

const actions: readonly Action[] = ["start", "stop", "reset", "url", "status"];

/** `lifeboat sample`: the embedded sample PostgreSQL with its shop. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "Run a small PostgreSQL with a shop's database to try things on: start it, stop it, make it anew, or print its URL.",
    )
    .addArgument(new Argument("[action]", "what to do").choices(actions).default("status"))
    .addHelpText(
      "after",
      '\nIt lives in Lifeboat\'s own folder and listens on a private socket only. reset throws away what you changed in it.\n\nExample:\n  lifeboat sample start\n  psql "$(lifeboat sample url)"',
    )
    .action((action: Action) => run(action, cli));
}

async function run(action: Action, cli: Cli): Promise<void> {
  const sample = await import("../../postgres/sample/sample-server.ts");
  switch (action) {
    case "start":
      return reportStart(cli, (onPhase) => sample.startSample(cli.home, onPhase));
    case "reset":
      return reportStart(cli, (onPhase) => sample.resetSample(cli.home, onPhase));
    case "stop": {
      const wasRunning = await sample.stopSample(cli.home);
      cli.out.document({ state: "stopped", wasRunning });
      cli.out.line(wasRunning ? "The sample has stopped. Its data is kept." : "The sample was not running.");
      return;
    }
    case "url":
      return reportUrl(await sample.sampleStatus(cli.home), cli);
    case "status":
      return reportStatus(await sample.sampleStatus(cli.home), cli);
  }
}

const phaseNotes: Readonly<Record<SamplePhase, string>> = {
  initdb: "Making a data folder for the sample",
  start: "Starting its server",
  load: "Filling the shop with 50,000 orders",
};

async function reportStart(
  cli: Cli,
  start: (onPhase: (phase: SamplePhase) => void) => Promise<RunningSample>,
): Promise<void> {
  const { out } = cli;
  const startedAt = performance.now();
  const running = await start((phase) => {
    if (!out.json) out.note(out.styleNote("dim", `${phaseNotes[phase]} …`));
  });
  const elapsedMs = Math.round(performance.now() - startedAt);
  const { url, version, startedNow } = running;
  out.document({ state: "running", url, version, startedNow, elapsedMs });
  const how = startedNow ? `is running (${formatDuration(elapsedMs)})` : "was running already";
  out.line(`The sample ${how}: PostgreSQL ${version}, database ${running.target.database}.`);
  out.line(`  URL   ${visibleText(url)}`);
}

function reportUrl(status: SampleStatus, cli: Cli): void {
  if (status.url === null) {
    throw new AppError("sample.failed", "The sample is not running.", { hint: "Start it with: lifeboat sample start" });
  }
  cli.out.document({ url: status.url });
  cli.out.line(status.url);
}

function reportStatus(status: SampleStatus, cli: Cli): void {
  const { out } = cli;
  out.document(status);
  if (status.state === "absent") out.line("There is no sample yet. Make it with: lifeboat sample start");
  else if (status.state === "stopped")
    out.line(`The sample (PostgreSQL ${status.version}) is stopped. Start it with: lifeboat sample start`);
  else out.line(`The sample is running: PostgreSQL ${status.version}.\n  URL   ${visibleText(status.url ?? "")}`);
}
