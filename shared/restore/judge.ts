import type { DependencyGraph } from "../archive/dependency-graph.ts";
import { nameOf } from "../archive/reasons.ts";
import type { DumpId } from "../archive/toc-entry.ts";
import type { EndedTool, ToolEvent } from "../error/classify.ts";

/** Something that was chosen and is not there now, with the reason. */
export interface FailedEntry {
  /** null: it belongs to no entry, such as a setting at the start. */
  readonly dumpId: DumpId | null;
  readonly desc: string;
  readonly name: string;
  /** What the server or pg_restore said, one line. */
  readonly reason: string;
  readonly code: string;
  readonly meaning: string | null;
  readonly remedy: string | null;
  /** The object itself came; only giving it to its owner failed. */
  readonly objectIsThere: boolean;
}

export interface Judgement {
  /** `failed`: nothing usable came, or pg_restore gave up in the middle. */
  readonly state: "succeeded" | "finishedWithErrors" | "failed";
  readonly failed: readonly FailedEntry[];
  /** Errors that change nothing, in words. */
  readonly harmless: readonly string[];
}

/**
 * Errors without consequences (see shared/error/rules): an unknown setting of a newer pg_restore, a comment on an
 * extension, statistics that ANALYZE makes anew. Rules of the class "info" are more: some name what merely follows from
 * another error, and what follows is missing all the same.
 */
const harmlessRules = new Set(["R01", "R11", "R26"]);

/**
 * What a run of pg_restore came to. Exit code 1 covers everything from one harmless error to a lost server, so the
 * verdict is made from what was said: pg_restore that went on to the end says `errors ignored on restore: N` there.
 */
export function judgeRestore(
  exit: EndedTool & { readonly events: readonly ToolEvent[] },
  graph: DependencyGraph,
  entries: readonly DumpId[],
  chosen: readonly DumpId[],
): Judgement {
  const errors = exit.events.filter(({ severity }) => severity === "error");
  const harmless = [...new Set(errors.filter(isHarmless).map((event) => event.meaning ?? reasonOf(event)))];
  const failed = collectFailures(
    errors.filter((event) => !isHarmless(event)),
    graph,
  );
  const reachedEnd = exit.exitCode === 0 || exit.events.some(({ text }) => text.includes("errors ignored on restore:"));
  if (exit.outcome !== "exited" || !reachedEnd) return { state: "failed", failed, harmless };
  if (failed.length === 0) return { state: "succeeded", failed, harmless };
  const lost = missingEntries(failed);
  // Of a chosen object whose own entry failed nothing came, whatever became of its parts.
  const taken = new Set(entries);
  const objects = chosen.filter((id) => taken.has(id));
  const nothing = objects.length > 0 && objects.every((id) => lost.has(id));
  return { state: nothing ? "failed" : "finishedWithErrors", failed, harmless };
}

function isHarmless(event: ToolEvent): boolean {
  return event.ruleId !== null && harmlessRules.has(event.ruleId);
}

/** Entries whose object did not come. */
export function missingEntries(failed: readonly FailedEntry[]): Set<DumpId | null> {
  return new Set(failed.filter(({ objectIsThere }) => !objectIsThere).map(({ dumpId }) => dumpId));
}

/** One failure an entry, the first; the rest of an entry's errors follow from it. */
function collectFailures(errors: readonly ToolEvent[], graph: DependencyGraph): FailedEntry[] {
  const failed = new Map<string, FailedEntry>();
  for (const event of errors) {
    const entry = event.tocEntry === null ? undefined : graph.entries.get(event.tocEntry.dumpId);
    const key = entry === undefined ? reasonOf(event) : String(entry.dumpId);
    const objectIsThere = entry !== undefined && /^ALTER [A-Z].* OWNER TO /s.test(event.command ?? "");
    const known = failed.get(key);
    if (known !== undefined) {
      failed.set(key, { ...known, objectIsThere: known.objectIsThere && objectIsThere });
      continue;
    }
    failed.set(key, {
      dumpId: entry?.dumpId ?? null,
      desc: entry?.desc ?? "",
      name: entry === undefined ? "" : nameOf(entry),
      reason: reasonOf(event),
      code: event.code,
      meaning: event.meaning,
      remedy: event.remedy,
      objectIsThere,
    });
  }
  return [...failed.values()];
}

/** `relation "orders" already exists` of `pg_restore: error: could not execute query: ERROR:  relation …`. */
function reasonOf(event: ToolEvent): string {
  const line = event.text.split("\n", 1)[0] ?? "";
  const server = /\b(?:ERROR|FATAL|PANIC):\s+(.*)$/.exec(line)?.[1];
  return server ?? line.replace(/^[\w.+-]+: error: /, "");
}
