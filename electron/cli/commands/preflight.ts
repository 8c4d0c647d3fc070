import type { Command } from "commander";
import type { PreflightFinding } from "../../../shared/contract/preflight.ts";
import { formatBytes, formatCount, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { withSession } from "../../postgres/connect.ts";
import { runPreflight } from "../../postgres/preflight.ts";
import { type ClientCheck, checkClient } from "../../tools/check-client.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addConnectionOptions, addOutputOptions, chosenConnection } from "../options.ts";
import type { Style } from "../style.ts";

/** `lifeboat preflight`: what would make a backup fail or be incomplete. Ends with 1 when something would make it fail. */
export function define(command: Command, cli: Cli): void {
  addConnectionOptions(command)
    .description(
      "Looks at a database with pg_dump's eyes and says what would make a backup fail, what it would lack, and what is good to know. Changes nothing.",
    )
    .addHelpText("after", "\nExample:\n  lifeboat preflight --profile shop");
  addOutputOptions(command).action((options: { profile?: string; url?: string }) => preflight(options, cli));
}

async function preflight(options: { profile?: string; url?: string }, cli: Cli): Promise<ExitCode> {
  const { target, password, warnings } = await chosenConnection(cli, options);
  for (const warning of warnings) cli.out.note(warning);
  const report = await withSession(target, password, { signal: cli.signal }, (session) =>
    runPreflight(session, { globals: true }),
  );
  const client = describeClient(await checkClient(report.server.versionNum, cli.home));
  const findings = [...client.findings, ...report.findings];
  const stops = findings.filter(({ level }) => level === "stop").length;
  cli.out.document({ ...report, findings, client: client.chosen, ok: stops === 0 });

  cli.out.line(
    `${visibleText(report.database)}: PostgreSQL ${visibleText(report.server.version)}, ${formatBytes(report.databaseBytes)}, ${formatNumberOf(report.tables.length, "table")}`,
  );
  if (client.chosen !== null) cli.out.line(`A backup would use ${visibleText(client.chosen.reason)}.`);
  for (const finding of findings) printFinding(finding, cli);
  cli.out.line();
  cli.out.line(
    stops === 0
      ? cli.out.style("good", "Nothing here would make a backup fail.")
      : cli.out.style("bad", `A backup would fail for ${formatNumberOf(stops, "reason")}.`),
  );
  return stops === 0 ? 0 : 1;
}

/** A missing or old pg_dump stops a backup. */
function describeClient({ chosen, error }: ClientCheck): {
  chosen: { readonly path: string; readonly version: string; readonly reason: string } | null;
  findings: PreflightFinding[];
} {
  if (chosen === null) {
    const { code, message, hint } = error;
    return { chosen, findings: [{ level: "stop", code, message, remedy: hint ?? null, objects: [] }] };
  }
  return {
    chosen: { path: chosen.path, version: chosen.version.text, reason: chosen.reason },
    findings: chosen.warnings.map((message) => ({
      level: "warning",
      code: "preflight.clientWarning",
      message,
      remedy: null,
      objects: [],
    })),
  };
}

const levelStyles: Record<PreflightFinding["level"], Style> = { stop: "bad", warning: "warn", note: "dim" };
const namesShown = 10;

function printFinding(finding: PreflightFinding, cli: Cli): void {
  const names = finding.objects.slice(0, namesShown).map(visibleText);
  const more = finding.objects.length - names.length;
  const lines = [
    "",
    `${cli.out.style(levelStyles[finding.level], finding.level)}  ${finding.message}`,
    ...names.map((name) => `      ${name}`),
    ...(more > 0 ? [`      and ${formatCount(more)} more`] : []),
    ...(finding.remedy === null ? [] : [`      ${finding.remedy}`]),
  ];
  cli.out.line(lines.join("\n"));
}
