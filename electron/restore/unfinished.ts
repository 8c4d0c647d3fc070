import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Home } from "../home.ts";
import { makePrivateFolder, syncFolder, writeFileDurably } from "../storage/durable-file.ts";

const noteSchema = z.object({
  kind: z.literal("scratch"),
  jobId: z.string(),
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
});

/** A database that a running job has made for itself on a server and is to drop. */
export type UnfinishedNote = z.infer<typeof noteSchema>;

/** Writes down what a killed process would leave on a server; on disk for good before it is there. @throws Error of the file system */
export async function noteUnfinished(home: Home, note: UnfinishedNote): Promise<void> {
  await makePrivateFolder(home.unfinishedFolder);
  await writeFileDurably(pathOf(home, note), JSON.stringify(note));
  await syncFolder(home.unfinishedFolder);
}

/** Called when it is gone from the server. */
export async function forgetUnfinished(home: Home, note: UnfinishedNote): Promise<void> {
  await rm(pathOf(home, note), { force: true });
}

/** All notes that can be read. */
export async function listUnfinished(home: Home): Promise<UnfinishedNote[]> {
  const names = await readdir(home.unfinishedFolder).catch(() => []);
  const notes: UnfinishedNote[] = [];
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    // oxlint-disable-next-line no-await-in-loop -- hardly ever more than one
    const text = await readFile(join(home.unfinishedFolder, name), "utf8").catch(() => "null");
    const parsed = noteSchema.safeParse(readJson(text));
    if (parsed.success) notes.push(parsed.data);
  }
  return notes;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function pathOf(home: Home, { jobId, kind }: UnfinishedNote): string {
  return join(home.unfinishedFolder, `${jobId}-${kind}.json`);
}
