import { homedir } from "node:os";
import type { Job } from "../../shared/job/job.ts";
import type { Home } from "../home.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { lifeboatVersion } from "../version.ts";
import type { JobManager } from "./job-manager.ts";

const mostLogCharacters = 200_000;

/**
 * What may be sent to somebody who helps: versions, tools, the job, its log. Left out is what may be data: the details of
 * server errors (rows and keys stand there) with the lines that belong to them, and the name of the user's folder.
 * Throws job.notFound.
 */
export async function writeDiagnostics(jobs: JobManager, id: string, home: Home): Promise<string> {
  const job = jobs.get(id);
  const tools = await locateInstallations(home).catch(() => []);
  const text = [
    `Lifeboat ${lifeboatVersion}, Node ${process.version}, ${process.platform} ${process.arch}`,
    ...tools.map(({ version, folder, source }) => `PostgreSQL clients ${version.text}: ${folder} (${source})`),
    "",
    ...describeJob(job),
    "",
    "Log",
    ...withoutData(await readWholeLog(jobs, job)),
  ].join("\n");
  return `${text.replaceAll(homedir(), "~").trimEnd()}\n`;
}

function describeJob(job: Job): string[] {
  const { error } = job;
  return [
    `Job ${job.id}: ${job.title} (${job.kind}), ${job.state}`,
    `Created ${job.createdAt}, started ${job.startedAt ?? "never"}, ended ${job.endedAt ?? "not yet"}`,
    ...job.steps.map(({ name, startedAt, endedAt }) => `Step ${name}: ${startedAt} to ${endedAt ?? "now"}`),
    ...(error === null
      ? []
      : [`Error ${error.code}: ${error.message}`, ...withoutData((error.detail ?? "").split("\n"))]),
    `Request ${JSON.stringify(job.request)}`,
  ];
}

async function readWholeLog(jobs: JobManager, job: Job): Promise<string[]> {
  let text = "";
  for (let offset = 0; ; ) {
    // oxlint-disable-next-line no-await-in-loop -- one piece after the other
    const piece = await jobs.readLog(job.id, offset);
    if (piece.text === "") break;
    text = `${text}${piece.text}`.slice(-mostLogCharacters);
    offset = piece.nextOffset;
  }
  return text.split("\n");
}

/** PostgreSQL's own words for what may quote rows; in other languages of the server nothing else begins a detail either. */
const details = /\b(DETAIL|CONTEXT|STATEMENT|QUERY|Command was|COPY \S+, line \d+):?.*$/s;

/** The lines without what a detail says; lines indented under one are its own. */
function withoutData(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let inDetail = false;
  for (const line of lines) {
    if (inDetail && /^\s/.test(line)) continue;
    inDetail = details.test(line);
    kept.push(line.replace(details, (_all, word: string) => `${word.split(" ")[0] ?? ""}: (left out)`));
  }
  return kept;
}
